import TestSupport

/// Garbles texts; the same seed gives the same inputs.
struct Mutator {
    private static let limit = 64 << 10

    /// What the formats give a meaning to.
    private static let words =
        [
            "{", "}", "[", "]", ":", ": ", "- ", ",", "\"", "'", "|", ">", "&a ", "*a", "<<: *a", "? ", "! ",
            "!!binary ",
            "---\n", "...\n", "#", "\t", "\n", "\r\n", "\u{0}", "\u{85}", "\u{2028}", "\u{202E}", "\u{FEFF}", "%",
            "\\u0000",
            "\\ud800", "~", "null", "yes", "0", "-1", "1e999", "99999999999999999999", "0x7f", "env:", "${x}", "$(x)",
            "unix:///", "identity: {}", "aescbc", "name: ", "secret: ", "\"value\": ", "\"control_plane\": ", "--",
            "- --encryption-provider-config=", "hostPath: ", "enable: true\n", "customEncryptionConfiguration: |\n",
        ].map { Array($0.utf8) }

    private let seeds: [[UInt8]]
    private var generator: SplitMix

    init(seed: UInt64, seeds: [[UInt8]]) {
        self.seeds = seeds
        generator = SplitMix(seed: seed)
    }

    mutating func next() -> [UInt8] {
        var bytes = seeds.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &generator) { garble(&bytes) }
        return Array(bytes.prefix(Self.limit))
    }

    private mutating func garble(_ bytes: inout [UInt8]) {
        let range = range(of: bytes)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: bytes.removeSubrange(range)
        case 1: bytes.insert(contentsOf: bytes[range], at: range.lowerBound)
        case 2: bytes = Array(bytes.prefix(range.upperBound))
        case 3:
            // Deep and wide: what stands there many times over.
            let times = Int.random(in: 2...1000, using: &generator)
            let piece = bytes[range].prefix(Self.limit / times)
            bytes.insert(contentsOf: Array(repeating: piece, count: times).joined(), at: range.lowerBound)
        case 4:
            let other = seeds.randomElement(using: &generator) ?? []
            let piece = other[self.range(of: other)]
            bytes.replaceSubrange(range, with: piece)
        case 5:
            guard !range.isEmpty else { return }
            bytes[range.lowerBound] = UInt8.random(in: 0...255, using: &generator)
        default:
            let word = Self.words.randomElement(using: &generator) ?? []
            let end = Bool.random(using: &generator) ? range.upperBound : range.lowerBound
            bytes.replaceSubrange(range.lowerBound..<end, with: word)
        }
    }

    /// Mostly a short one.
    private mutating func range(of bytes: [UInt8]) -> Range<Int> {
        let start = Int.random(in: 0...bytes.count, using: &generator)
        let longest = Int.random(in: 0..<4, using: &generator) > 0 ? 16 : bytes.count
        return start..<min(bytes.count, start + Int.random(in: 0...longest, using: &generator))
    }
}
