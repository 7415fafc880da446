import ControlPlane
import Reconciliation

/// Clusters as a look might find them: two hosts, managed with one key unless it is said.
extension ClusterSighting {
    static let key = PlanTextTests.key
    static let newer = Key.local(
        provider: .aescbc, name: "atrest-20260601T000000-bbbb", fingerprint: Fingerprint("02"))

    static func holding(_ keys: [[Key]], stored: [StoredForm: Int]) -> ClusterSighting {
        ClusterSighting(
            hosts: zip(["cp1", "cp2"], keys).map { name, keys in
                let configuration = EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: keys)])
                return sighting(
                    of: ObservedHost(
                        name: HostName(name), file: .present(configuration, digest: "0123456789abcdef"),
                        isFlagged: true, loaded: .disk))
            },
            stored: .known([.secrets: StoredCensus(counts: stored)], unexamined: []), kubeadm: .present)
    }

    static var managed: ClusterSighting {
        holding([[key, .identity], [key, .identity]], stored: [key.storedForm: 2000])
    }

    static var disabled: ClusterSighting {
        ClusterSighting(
            hosts: ["cp1", "cp2"].map { name in
                sighting(of: ObservedHost(name: HostName(name), file: .absent, isFlagged: false, loaded: .disk))
            },
            stored: .known([.secrets: StoredCensus(counts: [.plaintext: 3])], unexamined: []), kubeadm: .absent)
    }

    private static func sighting(of host: ObservedHost) -> HostSighting {
        HostSighting(
            name: host.name, address: "10.0.0.\(host.name.text.last ?? "0")",
            outcome: .seen(.init(host: host, version: "v1.20.2", readySince: "2026-01-11T00:00:00Z")))
    }

    func changing(_ index: Int, _ change: (inout HostSighting.Found) -> Void) -> ClusterSighting {
        var sighting = self
        guard case .seen(var found) = hosts[index].outcome else { return self }
        change(&found)
        sighting.hosts[index].outcome = .seen(found)
        return sighting
    }

    func losing(_ index: Int, because reason: String) -> ClusterSighting {
        var sighting = self
        sighting.hosts[index].outcome = .unseen(reason: reason)
        return sighting
    }

    func remembering(_ history: EtcdHistory) -> ClusterSighting {
        var sighting = self
        sighting.history = .known(history)
        return sighting
    }

    func storing(_ counts: [StoredForm: Int], examples: [StoredForm: [String]] = [:]) -> ClusterSighting {
        var sighting = self
        sighting.stored = .known([.secrets: StoredCensus(counts: counts, examples: examples)], unexamined: [])
        return sighting
    }
}
