internal import FoundationEssentials

/// JSON as every command prints it: fields in order, times and counts as they are.
func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self).forTerminalAsJSON + "\n"
}
