/// A DNS name, an IPv4 address or an IPv6 address.
package struct HostAddress: Sendable, Hashable {
    package let text: String
    /// Equal for two spellings of the same address.
    let canonical: String

    init(_ text: String) throws(Refusal) {
        guard !(text.hasPrefix("[") && text.hasSuffix("]")) else {
            throw Refusal("stands in brackets: write an IPv6 address without them")
        }
        guard !(text.contains(":") && text.contains("%")) else {
            throw Refusal("has a zone (\"%\"), which means something on one machine only: give a routable address")
        }
        try Refusal.check(text)
        if text.contains("@") { throw Refusal("has a user in it: give the user in its own field") }
        if text.contains("://") { throw Refusal("is a URL: give the bare host name or address") }
        if text.contains(":") {
            guard let groups = Self.ipv6(text) else {
                throw Refusal("is not an IPv6 address (a port has its own field)")
            }
            canonical = groups.map { String($0, radix: 16) }.joined(separator: ":")
        } else {
            try Self.checkName(text)
            canonical = text.lowercased()
        }
        self.text = text
    }

    private static func checkName(_ text: String) throws(Refusal) {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, labels.allSatisfy(isLabel) else {
            throw Refusal("is not a host name or address")
        }
        // What ends in a number is read as an IPv4 address by every resolver, also "192.0.2" and "192.0.2.010".
        guard let last = labels.last, last.allSatisfy(\.isNumber) else { return }
        guard ipv4(text) != nil else { throw Refusal("is not an IPv4 address") }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        let letters = label.utf8
        return 1...63 ~= letters.count && letters.first != UInt8(ascii: "-") && letters.last != UInt8(ascii: "-")
            && letters.allSatisfy { byte in
                switch Unicode.Scalar(byte) {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
                default: false
                }
            }
    }

    private static func ipv4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part in UInt8(part).flatMap { String($0) == part ? $0 : nil } }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// The eight groups of an IPv6 address.
    private static func ipv6(_ text: String) -> [UInt16]? {
        guard let gap = text.firstRange(of: "::") else {
            guard let groups = groups(text[...]), groups.count == 8 else { return nil }
            return groups
        }
        guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
            head.count + tail.count < 8
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let bytes = ipv4(part) {
                groups.append(UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
                groups.append(UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
            } else if 1...4 ~= part.count, !part.hasPrefix("+"), let group = UInt16(part, radix: 16) {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }
}
