/// Where the operator's ssh agent listens.
enum AgentSocket: Hashable {
    /// Explicitly none.
    case off
    /// The path stands in this environment variable.
    case environment(String)
    case path(LocalPath)

    init(_ text: String) throws(Refusal) {
        let marker = "env:"
        if text.isEmpty {
            self = .off
        } else if text.hasPrefix(marker) {
            let name = String(text.dropFirst(marker.count))
            guard Self.isVariable(name) else {
                throw Refusal("does not name an environment variable behind \"env:\"")
            }
            self = .environment(name)
        } else {
            self = .path(try LocalPath(text))
        }
    }

    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else { return false }
        return name.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": true
            default: false
            }
        }
    }
}
