internal import Reconciliation

extension SortedChunk {
    /// Finds all that may lie beside an encrypted value of an unknown form, byte by byte up to the colon behind the key's name.
    ///
    /// A value that ends before it is of a form without a name. `beginning` is what the value is known to begin with.
    mutating func stretch(at index: Int, beginning: [UInt8]) async throws -> FormOrder.Stretch {
        var bytes = beginning
        // `k8s:enc:<provider>:<version>:<name>:`
        while bytes.count(where: { $0 == UInt8(ascii: ":") }) < 5, bytes.count < Self.longestName {
            guard let next = try await byte(behind: bytes, at: index)
            else { return .init(lower: bytes, upper: bytes.successor, content: .known([Self.form(of: bytes)])) }
            bytes.append(next)
            // A changed object fails every comparison and would look like a name without end.
            try await confirm()
        }
        return .init(lower: bytes, upper: bytes.behindPrefix, content: .known([Self.form(of: bytes)]))
    }

    /// The byte of a value behind its known beginning; nil where the value ends there.
    private mutating func byte(behind beginning: [UInt8], at index: Int) async throws -> UInt8? {
        var (low, high) = (UInt8.min, UInt8.max)
        while low < high {
            let middle = low + (high - low) / 2
            if try await isBelow(beginning + [middle + 1], at: index) { high = middle } else { low = middle + 1 }
        }
        if low == 0, try await isBelow(beginning.successor, at: index) { return nil }
        return low
    }

    private static func form(of bytes: [UInt8]) -> StoredForm {
        let parts = bytes.dropFirst(FormOrder.encrypted.count)
            .split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        return .encrypted(scheme: parts.prefix(2).joined(separator: ":"), name: parts.count > 2 ? parts[2] : "")
    }

    /// What has no colon until there is named by these bytes.
    private static let longestName = 256
}
