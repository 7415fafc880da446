internal import Reconciliation

extension String {
    /// The text as a terminal may be given it: of all that a terminal would act on, only line feeds and our own colours are left.
    ///
    /// Whatever a host, a server or a file put into a message goes through here on its way out; what is taken out is shown as `�`.
    var forTerminal: String {
        if utf8.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 0x0A }) { return self }
        var text = ""
        var rest = unicodeScalars[...]
        while let scalar = rest.first {
            let color = TextStyle.sequences.first { rest.starts(with: $0.unicodeScalars) }
            if let color {
                text += color
                rest = rest.dropFirst(color.unicodeScalars.count)
            } else {
                let isKept = scalar.isPrintable || scalar == "\n"
                text.unicodeScalars.append(isKept ? scalar : scalar == "\t" ? " " : "\u{FFFD}")
                rest = rest.dropFirst()
            }
        }
        return text
    }

    /// The same JSON, where `self` is JSON, with everything that a terminal would act on escaped.
    var forTerminalAsJSON: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.isPrintable || scalar == "\n" {
                text.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
    }
}
