internal import Reconciliation

/// What can be done about a step that was cut short on a host whose API server answers nothing.
package enum WayBack: Hashable, Sendable {
    /// The copy for a rollback brings back what the host had before the step.
    case copy
    /// There is none that could be used, and what to do by hand.
    case byHand(String)
}

extension HostProbe {
    /// The way back from a step that was cut short; nil where none was, and the configuration is not the cause either.
    ///
    /// What somebody else wrote since is never replaced: it may be all there is of a key, or what mends the host.
    package var wayBack: WayBack? {
        guard let pod else { return nil }
        guard let copy = rollbackCopy else { return withoutCopy(pod) }
        if system.kubelet == nil { return .byHand("start its kubelet: nothing else starts an API server there") }
        guard let text = copy.manifest?.text else { return .byHand(Self.unreadable("manifest")) }
        let saved: StaticPodManifest
        let isOurs: Bool
        do {
            saved = try StaticPodManifest(text, file: Self.copied("manifest"))
            isOurs = try saved.unpatched() == pod.manifest.unpatched()
        } catch {
            return .byHand("\(Self.unreadable("manifest")) (\(error))")
        }
        guard isOurs else { return .byHand(Self.changed(pod.path, "manifest")) }
        if saved.encryptionConfiguration != nil {
            guard copy.configuration != nil else { return .byHand(Self.unreadable("configuration")) }
            guard savedConfiguration != nil else {
                return .byHand("put \"\(Self.copied("configuration"))\" right, which no API server could load")
            }
        }
        let digest = files[copy.configurationPath]?.digest
        if digest == copy.configuration?.digest, text == pod.manifest.text {
            return .byHand(
                "its files are what they were before that step, so see its kubelet's log and its containers' logs for what "
                    + "else keeps it from running")
        }
        if let digest, digest != copy.configuration?.digest, !copy.intended.contains(digest) {
            return .byHand(Self.changed(copy.configurationPath, "configuration"))
        }
        return .copy
    }

    /// What the API server would read and write with once it is put back; nil where it could not start.
    var savedConfiguration: EncryptionConfiguration? {
        guard let copy = rollbackCopy, let text = copy.manifest?.text,
            let manifest = try? StaticPodManifest(text, file: Self.copied("manifest"))
        else { return nil }
        guard manifest.encryptionConfiguration != nil else { return .unencrypted }
        return copy.configuration.flatMap { readConfiguration($0).configuration }
    }

    /// A key that its API server may have written with since the copy was made, and that the copy does not read.
    var keyUnknownToCopy: Key? {
        guard let saved = savedConfiguration, let onDisk = observed(health: .ready).onDisk else { return nil }
        return Set(saved.resources + onDisk.resources + [.secrets]).sorted().lazy
            .filter { !saved.keyRing(for: $0).contains(onDisk.keyRing(for: $0).writeKey) }
            .map { onDisk.keyRing(for: $0).writeKey }.first
    }

    private func withoutCopy(_ pod: APIServerPod) -> WayBack? {
        if files[Self.copied("manifest")]?.exists == true { return .byHand(Self.unreadable("facts")) }
        guard pod.configurationPath != nil else { return nil }
        switch files[configurationPath].map(readConfiguration) ?? .absent {
        case .present: return nil
        case .absent:
            return .byHand("bring back \"\(configurationPath)\", which its manifest names and which is missing")
        case .unusable(let reason): return .byHand("mend what its manifest names: \(reason)")
        }
    }

    private static func copied(_ name: String) -> String { "/var/lib/atrest/rollback/\(name)" }

    private static func unreadable(_ name: String) -> String {
        "\"\(copied(name))\", what it had before that step, is missing or cannot be read: bring the file back, or put right by "
            + "hand what keeps its API server from running"
    }

    private static func changed(_ path: String, _ name: String) -> String {
        "\"\(path)\" was changed by somebody else since that step, and is not replaced: put it right, or copy "
            + "\"\(copied(name))\" over it"
    }
}
