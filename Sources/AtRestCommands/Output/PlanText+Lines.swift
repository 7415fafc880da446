internal import Reconciliation

/// A line for each step, below the heading of its round.
extension PlanText {
    /// The lines of the item at an index: one, or one for each resource of a rewrite.
    func lines(at index: Int) -> [String] {
        let item = report.plan.items[index]
        switch item.step {
        case .configure, .stage: return [hostLine(item, found: report.findings(for: item, at: index))]
        case .settle(let hosts): return ["    wait until the old API servers of \(hosts.joined) are gone"]
        case .tidy(let hosts): return [line("-", "\(hosts.joined)  what a step that was cut short left behind")]
        case .recordInKubeadm where item.reason == .kubeadmHasMore:
            return [line("~", "kubeadm-config  remove the volumes that no KMS needs any more")]
        case .recordInKubeadm:
            return [line("~", "kubeadm-config  add the flag and the volumes (\(because(item)))")]
        case .removeFromKubeadm:
            return [line("~", "kubeadm-config  remove the flag and the volumes (\(because(item)))")]
        case .rewrite(let rewrites): return rewrites.map { rewriteLine($0, item) } + cost(of: rewrites)
        case .purgeHistory(let member): return purgeLines(member)
        }
    }

    private func hostLine(_ item: Plan.Item, found: [HostFinding]) -> String {
        let why = report.because(item, found: found, naming: labels)
        switch item.step {
        case .configure(let host, .removed, _):
            return line("~", "\(padded(host))  remove flag, mounts and file; restart kube-apiserver (\(why))")
        case .configure(let host, .custom(let custom), _):
            let keys = keys(of: .custom(custom))
            let what = "the configuration as the manifest has it (\(keys))"
            return line("~", "\(padded(host))  \(what); restart kube-apiserver (\(why))")
        case .configure(let host, let target, _):
            return line("~", "\(padded(host))  \(keys(of: target)); restart kube-apiserver (\(why))")
        case .stage(let host, .removed): return line("-", "\(padded(host))  the file; no control plane yet")
        case .stage(let host, let target):
            return line("+", "\(padded(host))  \(keys(of: target)); no control plane yet, only the file")
        case .settle, .recordInKubeadm, .removeFromKubeadm, .rewrite, .tidy, .purgeHistory:
            preconditionFailure("a step of no single host")
        }
    }

    private func rewriteLine(_ rewrite: Step.Rewrite, _ item: Plan.Item) -> String {
        let count = grouped(report.objects(of: rewrite))
        let limit = report.isPartlyDone(rewrite) ? "up to " : ""
        return line("~", "\(limit)\(count) \(rewrite.resource) → \(labels(rewrite.key)) (\(because(item)))")
    }

    /// What it costs stands before the first one.
    private func purgeLines(_ member: String) -> [String] {
        let members = report.observed.toPurge
        let size = members.first { $0.name == member }.map { " of \(megabytes($0.bytes))" } ?? ""
        let cost = "    watches that lag behind end; a member answers nothing while it writes its database"
        return (members.first?.name == member ? [cost] : [])
            + [line("~", "etcd member \(member)  compact, and write its database\(size) anew (--purge-history)")]
    }

    private func line(_ sign: Character, _ text: String) -> String { "  \(style.sign(sign)) \(text)" }

    private func because(_ item: Plan.Item) -> String { report.because(item, found: [], naming: labels) }

    private func keys(of target: Target) -> String {
        target.configuration.keysByResource(naming: labels.callAsFunction).joined(separator: "; ")
    }

    private func padded(_ host: HostName) -> String {
        host.text.padded(to: report.observed.hosts.map(\.name.text.count).max() ?? 0)
    }
}

extension EncryptionConfiguration {
    /// For each resource what writes it and what else is read: `secrets: write aescbc:new, read aescbc:old, identity`.
    var keysByResource: [String] { keysByResource(naming: \.description) }

    func keysByResource(naming name: (Key) -> String) -> [String] {
        resources.map { resource in
            let ring = keyRing(for: resource)
            let others = ring.others.map(name).joined(separator: ", ")
            return "\(resource): write \(name(ring.writeKey))" + (others.isEmpty ? "" : ", read \(others)")
        }
    }
}

extension [HostName] {
    var joined: String { map(\.text).joined(separator: ", ") }
}
