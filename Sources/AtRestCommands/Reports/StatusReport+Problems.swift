internal import ControlPlane
internal import Reconciliation

/// What is wrong, in plain words.
extension StatusReport {
    var problems: [String] {
        sighting.hosts.flatMap { host in
            // The reason why a host was not seen names it.
            host.found == nil ? problems(on: host) : problems(on: host).map { "\(host.name): \($0)" }
        } + clusterProblems
    }

    /// What is wrong on one host; empty where only an operation that is not finished explains it.
    func problems(on host: HostSighting) -> [String] {
        switch host.outcome {
        case .unseen(let reason): [reason]
        case .seen(let found):
            sighting.observed.findings(on: found.host).map(\.description)
                + found.host.silentKMS.sorted { $0.key < $1.key }.map { "the plugin of \($0) answers nothing: \($1)" }
                + (found.host.hasLeftovers ? ["a step that was cut short left files behind, which may hold a key"] : [])
        }
    }

    var clusterProblems: [String] {
        (interruption.map { [words(for: $0)] } ?? []) + unlikeFiles + missingKeys + staleObjects + kubeadmProblem
            + unknowns
    }

    private func words(for interruption: Interruption) -> String {
        let found =
            switch interruption {
            case .enable: "an enable is not finished"
            case .disable: "a disable is not finished"
            case .rotation: "a rotation is not finished"
            case .differentKeys: "the hosts' files hold different keys"
            case .unknown: "an operation is not finished"
            }
        return "\(found): it was cut short, or is still under way; apply finishes it"
    }

    /// Hosts with an operator's own configuration end with the same file at the same path.
    private var unlikeFiles: [String] {
        guard mode == .custom else { return [] }
        let hosts = sighting.hosts.compactMap(\.found?.host).filter { $0.health != .notJoined }
        let isUnlike = hosts.contains { $0.file != hosts.first?.file || $0.place != hosts.first?.place }
        return isUnlike
            ? ["the hosts' files differ: a change was cut short, or is still under way; apply finishes it"] : []
    }

    private var missingKeys: [String] { sighting.observed.missingKeys.map(\.description) }

    /// What is stored otherwise than every API server writes it, and no operation explains.
    private var staleObjects: [String] {
        guard interruption == nil else { return [] }
        return sighting.stored.censuses.sorted { $0.key < $1.key }.flatMap { resource, census -> [String] in
            guard let keys = writeKeys[resource], keys.count == 1, let key = keys.first else { return [] }
            let stale = census.counts.filter { $0.key != key.storedForm && !formsWithoutKey.contains($0.key) }
            return stale.sorted { $0.key < $1.key }.map { form, count in
                "\(resource): \(plural(count, "object")) stored as \(form), and not under the write key; apply rewrites that"
            }
        }
    }

    private var kubeadmProblem: [String] {
        guard isKubeadmInStep == false else { return [] }
        if sighting.kubeadm == .excess, mode != .disabled {
            return ["kubeadm-config has volumes that no host needs any more: an upgrade or a join would mount them"]
        }
        return [
            mode == .disabled
                ? "kubeadm-config still has the flag or its volumes: an upgrade or a join would bring them back"
                : "kubeadm-config is not in step with the hosts: an upgrade or a join would drop the flag or its volumes"
        ]
    }

    private var unknowns: [String] {
        switch sighting.stored {
        case .unknown(let reason): ["what is stored is not known: \(reason)"] + sighting.problems
        case .known(_, let unexamined):
            unexamined.map(\.unexaminedText) + sighting.problems
        }
    }
}

extension ObservedCluster {
    /// The keys that stored objects need and no host's file has.
    var missingKeys: [MissingKey] {
        formsWithoutKey.sorted().map { form in
            MissingKey(
                form: form, resources: stored.filter { $0.value.forms.contains(form) }.keys.sorted(),
                holders: hostsWithUnknownConfiguration)
        }
    }
}

/// A key that stored objects need and no host's file has.
struct MissingKey: CustomStringConvertible {
    let form: StoredForm
    let resources: [ResourceName]
    /// Hosts whose API server may have it in memory.
    let holders: [HostName]

    var description: String {
        let names = resources.map(\.text).joined(separator: ", ")
        let place =
            holders.isEmpty
            ? "no control-plane host that was seen has that key on its disk: they cannot be read"
            : "that key is on no disk that was seen; the API server of "
                + "\(holders.map(\.text).joined(separator: ", ")) may hold it in memory: do not restart it"
        return
            "etcd holds \(names) stored under \(form), and \(place). Bring the configuration that holds this key back to "
            + "one host, or, if it is in a key archive, run apply with --with-archived-keys DIR --key-archive-key KEY.pem"
    }
}
