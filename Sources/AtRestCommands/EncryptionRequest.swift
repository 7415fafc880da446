internal import ControlPlane
internal import Reconciliation

/// What manifest and flags ask for; what that comes to is known once the cluster was looked at.
struct EncryptionRequest: Sendable {
    let isEnabled: Bool
    /// The operator's own configuration, where the manifest has one.
    let custom: DeclaredConfiguration?
    /// `--rotate-encryption-key`.
    let rotates: Bool
    /// `--rotate-if-older-than`.
    let ageLimit: TimeSpan?
    /// `--encryption-provider`.
    let provider: LocalProvider?
    /// `--rewrite`.
    let rewrites: Bool
    /// `--purge-history`.
    let purgesHistory: Bool

    /// - Throws: `CannotRotate`, `NothingToRewrite`.
    init(_ declared: DeclaredEncryption, _ options: KeyOptions) throws {
        switch declared {
        case .disabled:
            if options.rotateEncryptionKey { throw CannotRotate.disabled }
            isEnabled = false
            custom = nil
        case .managed:
            isEnabled = true
            custom = nil
        case .custom(let declared):
            if options.rotateEncryptionKey || options.rotateIfOlderThan != nil { throw CannotRotate.custom }
            isEnabled = true
            custom = declared
        }
        rotates = options.rotateEncryptionKey
        ageLimit = options.rotateIfOlderThan
        provider = options.encryptionProvider
        rewrites = options.rewrite
        purgesHistory = options.purgeHistory
        if rewrites, custom?.file.configuration.writesWithKeysOfAPlugin != true { throw NothingToRewrite() }
    }

    /// The wish for a cluster as it was found, and what the operator is to be told about the key.
    ///
    /// `customHosts` run with the operator's own configuration; `now` is seconds since 1970.
    ///
    /// - Throws: `CannotRotate`.
    func intent(
        for observed: ObservedCluster, customHosts: [HostName], now: Int
    ) throws(CannotRotate) -> EncryptionIntent {
        guard isEnabled else { return EncryptionIntent(desired: .disabled, notes: remarks(inUse: nil)) }
        if let file = custom?.file {
            let wanted = CustomConfiguration(configuration: file.configuration, digest: file.digest)
            return EncryptionIntent(
                desired: .custom(wanted), notes: remarks(inUse: nil),
                warnings: CustomText.warnings(file.configuration, stored: observed.stored))
        }
        let isAsked = rotates || ageLimit != nil
        if isAsked, !customHosts.isEmpty { throw .liveCustom(customHosts) }
        let inUse = observed.keysInFiles.first(where: \.isLocal)
        if observed.showsInterruption {
            let note = "No new key is made in this run: what was begun is finished first."
            return EncryptionIntent(
                desired: .managed(rotate: false), notes: (isAsked ? [note] : []) + remarks(inUse: nil))
        }
        let age = inUse.flatMap { key in ageLimit.map { KeyAge(of: key, limit: $0, now: now) } }
        guard age?.isOver ?? rotates else {
            return EncryptionIntent(
                desired: .managed(rotate: false),
                notes: (age.map { [$0.description] } ?? []) + (inUse.map { remarks(inUse: $0) } ?? []))
        }
        try checkRotatable(observed)
        return EncryptionIntent(desired: .managed(rotate: true), notes: age.map { [$0.description] } ?? [])
    }

    private func checkRotatable(_ observed: ObservedCluster) throws(CannotRotate) {
        for host in observed.hosts {
            switch host.health {
            case .ready, .notJoined: break
            // What a run of ours took down is for this one to bring back.
            case .repairable where host.openStep != nil: break
            case .repairable(let failing), .unhealthy(let failing): throw .unhealthy(host.name, failing: failing)
            }
        }
    }

    /// What `--encryption-provider` means for a run that makes no key.
    private func remarks(inUse key: Key?) -> [String] {
        guard let provider else { return [] }
        let rule = "--encryption-provider \(provider.rawValue) is for new keys"
        guard let key else { return ["\(rule), and this run makes none."] }
        if case .local(provider, _, _) = key { return [] }
        return ["\(rule); the key in use is \(key); to move, add --rotate-encryption-key."]
    }
}

extension EncryptionConfiguration {
    /// Whether anything is encrypted by a KMS v2.
    fileprivate var writesWithKeysOfAPlugin: Bool {
        resources.contains { keyRing(for: $0).writeKey.hasKeysOfItsOwn }
    }
}

/// The wish of one run, and the notes on it for the plan's first lines.
struct EncryptionIntent: Sendable {
    let desired: DesiredEncryption
    let notes: [String]
    /// What a custom configuration writes as plain text; said first, and asked for.
    var warnings: [String] = []
}
