extension String {
    /// The text's first line in quotes for a message: shortened, and without anything that a terminal would act on.
    package var quoted: String {
        let line = unicodeScalars.prefix { $0 != "\n" && $0 != "\r" }.prefix(60)
        var text = ""
        for scalar in line {
            switch scalar.properties.generalCategory {
            case _ where scalar == "\"" || scalar == "\\": text += "\\\(scalar)"
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return "\"\(text)\(line.endIndex < unicodeScalars.endIndex ? "…" : "")\""
    }
}
