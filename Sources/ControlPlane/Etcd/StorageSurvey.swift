package import Reconciliation

/// What is stored under an API server's whole prefix, by directory (`/registry/secrets/`).
package struct StorageSurvey: Hashable, Sendable {
    /// The forms found in each directory that holds anything; keys outside of any directory stand under the key itself.
    package private(set) var forms: [String: Set<StoredForm>] = [:]

    package init() {}

    /// The directories that hold anything encrypted, with all forms found there.
    package var encrypted: [String: Set<StoredForm>] {
        forms.filter { $0.value.contains { $0 != .plaintext } }
    }

    /// The directories where something is stored under a form, in order.
    package func directories(holding form: StoredForm) -> [String] {
        forms.filter { $0.value.contains(form) }.keys.sorted()
    }

    mutating func add(_ found: Set<StoredForm>, to directory: String) {
        guard !found.isEmpty else { return }
        forms[directory, default: []].formUnion(found)
    }
}

extension StoragePrefix {
    /// A half-open part of a chunk, with keys of one directory only.
    typealias Part = (directory: String, range: KeyRange)

    /// Parts that tile a chunk.
    func parts(of chunk: KeyRange, keys: [[UInt8]]) -> [Part] {
        var starts: [(directory: String, key: [UInt8])] = []
        for key in keys {
            let directory = directory(holding: key) ?? String(decoding: key, as: UTF8.self)
            guard directory != starts.last?.directory else { continue }
            starts.append((directory, starts.isEmpty ? chunk.start : key))
        }
        let ends = starts.dropFirst().map(\.key) + [chunk.end]
        return zip(starts, ends).map { ($0.directory, KeyRange(from: $0.key, to: $1)) }
    }
}
