internal import ArgumentParser
internal import Reconciliation

/// What is to become of the key; the same for `apply` and `plan`.
struct KeyOptions: ParsableArguments {
    @Flag(help: "Replace the key by a new one; needs --force-upgrade.")
    var rotateEncryptionKey = false

    @Option(
        help: ArgumentHelp(
            "Replace the key only where it is older than this, by the time in its name; needs --force-upgrade.",
            valueName: "duration"),
        transform: { try TimeSpan($0) })
    var rotateIfOlderThan: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "The provider of new keys: aescbc, aesgcm or secretbox. (default: that of the key in use, else aescbc)",
            valueName: "provider"),
        completion: .list(LocalProvider.allCases.map(\.rawValue)),
        transform: { try LocalProvider(option: $0) })
    var encryptionProvider: LocalProvider?

    @Flag(help: "Have all that a KMS v2 encrypts written anew, under its plugin's key of now; needs --force-upgrade.")
    var rewrite = false

    @Flag(help: "In the end have etcd drop what objects were before, and write its files anew; needs --force-upgrade.")
    var purgeHistory = false
}

extension LocalProvider {
    fileprivate init(option text: String) throws {
        guard let provider = LocalProvider(rawValue: text) else { throw UnknownProvider(text: text) }
        self = provider
    }
}

/// What was typed is no provider that a managed key can have.
struct UnknownProvider: Error, CustomStringConvertible {
    let text: String

    var description: String {
        let known = LocalProvider.allCases.map(\.rawValue).joined(separator: ", ")
        return "\"\(text)\" is no provider of managed keys: take one of \(known)"
    }
}
