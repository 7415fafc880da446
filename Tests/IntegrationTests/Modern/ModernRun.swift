import ControlPlane
import FoundationEssentials
import Reconciliation
import Testing

/// Carries wishes out on a server of today as on a control plane of one host: by `decide`, discovery, etcd and the rewriter.
struct ModernRun {
    private let modern: ModernServer
    private let host = HostName("modern")
    private var material = KeyMaterial()
    private var onDisk = EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: [.identity])])
    private var digest = ""
    private var isFlagged = true
    private var place = ConfigurationPlace.managed
    private var kubeadm = KubeadmRecord.present

    init(_ modern: ModernServer) {
        self.modern = modern
    }

    func observe(_ wish: EncryptionConfigurationFile?) async throws -> ObservedCluster {
        let served = try await modern.server.servedResources()
        let names = Set(onDisk.resources + (wish?.configuration.resources ?? []) + [.secrets])
        let etcd = try await modern.classifier()
        var stored: [ResourceName: StoredObjects] = [:]
        for resource in names.flatMap(served.stored(under:)) {
            let isCustom = served.named(resource).first?.origin == .custom
            stored[resource] =
                try await etcd.classify(StoragePrefix().range(of: resource, isCustom: isCustom), knownForms: []).objects
        }
        let observed = ObservedHost(
            name: host, file: isFlagged ? .present(onDisk, digest: digest) : .absent, place: place,
            isFlagged: isFlagged,
            loaded: .disk)
        return ObservedCluster(hosts: [observed], stored: stored, kubeadm: kubeadm)
    }

    /// Nil for a wish without encryption; `between` comes behind each restart.
    mutating func carryOut(
        _ wish: EncryptionConfigurationFile?, between: (Round) async throws -> Void
    ) async throws {
        if let wish { material.merge(wish.material) }
        let desired = wish.map {
            DesiredEncryption.custom(CustomConfiguration(configuration: $0.configuration, digest: $0.digest))
        }
        for _ in 0..<20 {
            let unused = Key.local(provider: .aescbc, name: "unused", fingerprint: Fingerprint("0"))
            switch decide(try await observe(wish), desired ?? .disabled, freshKey: unused) {
            case .done: return
            case .refuse(let refusal): throw refusal
            case .perform(.configure(_, let target, let round), _):
                try await configure(target, wish)
                try await between(round)
            case .perform(.rewrite(let rewrites), _):
                let served = try await modern.server.servedResources()
                for resource in rewrites.flatMap({ served.named($0.resource) }) {
                    #expect(try await modern.rewrite(resource).failures == [], "\(resource.name)")
                }
            case .perform(.recordInKubeadm, _): kubeadm = .present
            case .perform(.removeFromKubeadm, _): kubeadm = .absent
            case .perform(.settle, _), .perform(.stage, _), .perform(.tidy, _), .perform(.purgeHistory, _): return
            }
        }
        throw CommandFailed(description: "the run does not come to an end")
    }

    private mutating func configure(_ target: Target, _ wish: EncryptionConfigurationFile?) async throws {
        switch target {
        case .removed:
            // The server keeps its flag, and a file that encrypts nothing.
            onDisk = .unencrypted
            isFlagged = false
            try modern.configure("- {resources: [secrets], providers: [{identity: {}}]}")
        case .custom:
            guard let wish else { return }
            (onDisk, digest, place, isFlagged) = (wish.configuration, wish.digest, .custom, true)
            try modern.configure(bytes: wish.content)
        case .configuration(let configuration), .managed(let configuration):
            (onDisk, digest, isFlagged) = (configuration, "", true)
            try modern.configure(bytes: try EncryptionConfigurationFile.render(configuration, material))
        }
        try await modern.restart()
    }
}
