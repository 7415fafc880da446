internal import ControlPlane
internal import Reconciliation

/// The status of a cluster in words and tables, for standard output.
struct StatusText {
    let report: StatusReport

    func render() -> String {
        var sections = [heading, hosts, stored + kubeadm]
        sections.append(
            report.isHealthy
                ? "Nothing is wrong.\n"
                : "Found:\n" + report.problems.map { "  \($0.replacing("\n", with: "\n    "))\n" }.joined())
        return sections.joined(separator: "\n")
    }

    private var heading: String {
        var lines = ["Cluster \"\(report.clusterName)\": \(report.mode.words)."]
        lines += report.named.map { resource in
            let names = (report.writeKeys[resource] ?? []).map { key in
                let age = key.age(now: report.now).map { ", \(TimeSpan($0).inTwoUnits) old" } ?? ""
                return key == .identity ? "as plain text" : "with \(key)\(age)"
            }
            return "Written now: \(resource) \(names.isEmpty ? "by nobody" : names.joined(separator: "; "))."
        }
        lines += report.notes.map { "Note: \($0)." }
        if report.declared != report.mode {
            lines.append("The manifest asks for \(report.declared.words): plan says what that takes.")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private var hosts: String {
        let hasKMS = report.sighting.hosts.contains { $0.found?.kmsHealth != nil }
        return TextTable(
            heading: ["HOST", "ADDRESS", "VERSION", "READY SINCE", "FILE", "LOADED"] + (hasKMS ? ["KMS"] : [])
                + ["KEYS"],
            rows: report.sighting.hosts.map { host in
                [host.name.text, host.address] + (host.found.map { cells($0, hasKMS: hasKMS) } ?? unseen(hasKMS))
            }
        ).render()
    }

    private func unseen(_ hasKMS: Bool) -> [String] {
        ["-", "not seen", "-", "-"] + (hasKMS ? ["-"] : []) + ["-"]
    }

    private func cells(_ found: HostSighting.Found, hasKMS: Bool) -> [String] {
        [found.version ?? "-", found.readiness, found.host.file.shortDigest, found.host.loaded.word]
            + (hasKMS ? [found.kmsHealth ?? "-"] : [])
            + [found.host.file.configuration?.keysByResource.joined(separator: "; ") ?? "-"]
    }

    private var stored: String {
        guard case .known(let censuses, _) = report.sighting.stored else { return "" }
        let rows = censuses.sorted { $0.key < $1.key }.flatMap { resource, census in
            census.counts.isEmpty
                ? report.named.contains(resource) ? [[resource.text, "0", "-", "-"]] : []
                : census.counts.sorted { $0.key < $1.key }.map { form, count in
                    [resource.text, grouped(count), form.description, standing(of: form, for: resource)]
                }
        }
        return TextTable(heading: ["RESOURCE", "OBJECTS", "STORED AS", "THAT IS"], rows: rows).render()
    }

    private func standing(of form: StoredForm, for resource: ResourceName) -> String {
        if report.formsWithoutKey.contains(form) { return "a missing key" }
        let writers = report.writeKeys[resource] ?? []
        return writers.contains { $0.storedForm == form } ? "what is written now" : "to be rewritten"
    }

    private var kubeadm: String {
        switch report.isKubeadmInStep {
        case _ where report.sighting.kubeadm == .unavailable: "kubeadm-config: there is none.\n"
        case true?: "kubeadm-config: in step.\n"
        case false?: "kubeadm-config: not in step.\n"
        case nil: "kubeadm-config: not known.\n"
        }
    }
}

extension EncryptionMode {
    fileprivate var words: String {
        switch self {
        case .disabled: "no encryption"
        case .managed: "managed encryption"
        case .custom: "a custom configuration"
        }
    }
}

extension HostSighting.Found {
    fileprivate var readiness: String {
        switch host.health {
        case .ready: readySince ?? "ready"
        case .repairable, .unhealthy: "not ready"
        case .notJoined: "no control plane yet"
        }
    }

    /// Nil where no KMS is configured, or nobody answers for it.
    var kmsHealth: String? {
        guard host.file.configuration?.keys.contains(where: { $0 != .identity && !$0.isLocal }) == true else {
            return nil
        }
        guard host.silentKMS.isEmpty else { return "silent" }
        switch host.health {
        case .ready: return "healthy"
        case .repairable(let failing), .unhealthy(let failing):
            guard version != nil else { return nil }
            let ofKMS = failing.filter { $0.hasPrefix("kms-provider") }
            return ofKMS.isEmpty ? "healthy" : "fails \(ofKMS.joined(separator: ", "))"
        case .notJoined: return nil
        }
    }
}

extension ConfigurationFile {
    /// The first digits of the digest: enough to see that two hosts differ.
    fileprivate var shortDigest: String {
        switch self {
        case .absent: "-"
        case .present(_, let digest): String(digest.prefix(12))
        case .unusable: "unusable"
        }
    }
}

extension LoadedConfiguration {
    /// Whether what is on the disk is loaded.
    fileprivate var word: String {
        switch self {
        case .disk: "yes"
        case .before: "no"
        case .unknown: "unknown"
        case .notRunning: "-"
        }
    }
}
