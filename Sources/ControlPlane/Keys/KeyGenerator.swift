internal import CCrypto
package import Reconciliation

/// Makes keys.
package enum KeyGenerator {
    static let suffixAlphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// Makes a key of 32 random bytes whose name sorts behind every name of ours.
    ///
    /// `now` is seconds since 1970, UTC; `existing` is every key that is known, so that a slow clock cannot make a
    /// rotation go backwards.
    package static func makeKey(
        provider: LocalProvider, now: Int, existing: some Sequence<Key>
    ) throws(CryptoError) -> (key: Key, material: KeyMaterial) {
        let secret = try unsafe SecretBytes(count: 32) { buffer throws(CryptoError) in try unsafe fill(buffer) }
        let name = try makeName(now: now, existing: existing)
        let key = Key.local(provider: provider, name: name.description, fingerprint: try secret.fingerprint())
        return (key, KeyMaterial(secrets: [key: secret]))
    }

    private static func makeName(now: Int, existing: some Sequence<Key>) throws(CryptoError) -> KeyName {
        let newest = existing.compactMap { KeyName.parse($0.name)?.time }.max()
        return KeyName(time: max(now, newest.map { $0 + 1 } ?? now), suffix: try makeSuffix())
    }

    private static func makeSuffix() throws(CryptoError) -> String {
        var characters: [UInt8] = []
        // Bytes beyond the last whole multiple of the alphabet are drawn again, so that all characters are equally likely.
        let limit = 256 / suffixAlphabet.count * suffixAlphabet.count
        while characters.count < 4 {
            let drawn = try unsafe SecretBytes(count: 8) { buffer throws(CryptoError) in try unsafe fill(buffer) }
            let fair = unsafe drawn.withBytes { unsafe $0.filter { $0 < limit } }
            characters += fair.map { suffixAlphabet[Int($0) % suffixAlphabet.count] }
        }
        return String(decoding: characters.prefix(4), as: UTF8.self)
    }

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        guard unsafe RAND_bytes(buffer.baseAddress, Int32(buffer.count)) == 1 else {
            throw .draining("making random bytes")
        }
    }
}
