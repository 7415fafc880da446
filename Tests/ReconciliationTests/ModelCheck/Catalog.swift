import Reconciliation

/// Keys and configurations as small numbers, so that a state of the model fits into a few words.
///
/// Key 0 is plain text. The others are keys of one resource, ordered by name as by number; configuration 0 stands for
/// "none", 1 for an API server without the flag.
final class Catalog {
    typealias Number = UInt8
    /// A set of key numbers.
    typealias KeySet = UInt8

    static let none: Number = 0
    static let unencrypted: Number = 1
    static let keyLimit = 7

    /// The first key that atrest made; the ones before have names of other origin.
    let firstOwnKey: Int
    private let keys: [Key]
    private var numbers: [EncryptionConfiguration: Number] = [.unencrypted: Catalog.unencrypted]
    private var renamed: [UInt64: Number] = [:]
    private(set) var configurations: [EncryptionConfiguration] = [.unencrypted, .unencrypted]
    private(set) var readable: [KeySet] = [1, 1]
    private(set) var writeKey: [Int] = [0, 0]
    /// The write key as a set; empty for "none".
    private(set) var writable: [KeySet] = [0, 1]

    /// - Parameters:
    ///   - adoptedKeys: how many keys, the first ones, have names that are not of atrest's making.
    ///   - mixesProviders: whether the order of keys by provider is another one than by age.
    ///   - namesGoBack: whether a newer key has a name that sorts before, as by a clock that is slow.
    init(adoptedKeys: Int, mixesProviders: Bool = false, namesGoBack: Bool) {
        let providers: [LocalProvider] = mixesProviders ? [.secretbox, .aescbc, .aesgcm] : [.aescbc]
        firstOwnKey = 1 + adoptedKeys
        keys =
            [.identity]
            + (1...Catalog.keyLimit).map { number in
                let day = namesGoBack ? 9 - number : number
                let name = number <= adoptedKeys ? "kubeone-k\(number)" : "atrest-2026010\(day)T000000-aaaa"
                let provider = providers[(number - 1) % providers.count]
                return .local(provider: provider, name: name, fingerprint: Fingerprint("\(number)"))
            }
    }

    func key(_ number: Int) -> Key { keys[number] }

    func number(of key: Key) -> Int {
        guard let number = keys.firstIndex(of: key) else { preconditionFailure("\(key) is no key of the model") }
        return number
    }

    func number(of configuration: EncryptionConfiguration) -> Number {
        if let number = numbers[configuration] { return number }
        let number = Number(configurations.count)
        precondition(number <= HostState.configurationLimit, "more configurations than a state has room for")
        let ring = configuration.keyRing(for: .secrets)
        numbers[configuration] = number
        configurations.append(configuration)
        readable.append(ring.keys.reduce(0) { $0 | 1 << KeySet(self.number(of: $1)) })
        writeKey.append(self.number(of: ring.writeKey))
        writable.append(1 << KeySet(self.number(of: ring.writeKey)))
        return number
    }

    /// A configuration of one entry for Secrets, write key first.
    func number(ofKeys ring: [Int]) -> Number {
        number(of: EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: ring.map(key))]))
    }

    /// The configuration with every key replaced by the one of its rank in `used`: names matter by their order alone.
    func renaming(_ number: Number, used: KeySet) -> Number {
        guard number > Catalog.unencrypted else { return number }
        let request = UInt64(used) << 8 | UInt64(number)
        if let known = renamed[request] { return known }
        let ring = configurations[Int(number)].keyRing(for: .secrets).keys
        let result = self.number(ofKeys: ring.map { rank(of: self.number(of: $0), in: used) })
        renamed[request] = result
        return result
    }

    /// How a key is numbered once the own keys that nothing uses are left out.
    func rank(of key: Int, in used: KeySet) -> Int {
        guard key >= firstOwnKey else { return key }
        let below = used & (1 << KeySet(key) - 1)
        return firstOwnKey + (below >> KeySet(firstOwnKey)).nonzeroBitCount
    }

    func describe(_ number: Number) -> String {
        guard number > Catalog.unencrypted else { return number == Catalog.none ? "none" : "unencrypted" }
        return "[" + configurations[Int(number)].keyRing(for: .secrets).keys.map(describe).joined(separator: ",") + "]"
    }

    func describe(_ key: Key) -> String {
        let number = number(of: key)
        return number == 0 ? "identity" : "k\(number)"
    }

    func describe(keys: KeySet) -> String {
        "{"
            + (0...Catalog.keyLimit).filter { keys & 1 << KeySet($0) != 0 }.map { describe(key($0)) }
            .joined(separator: ",") + "}"
    }
}
