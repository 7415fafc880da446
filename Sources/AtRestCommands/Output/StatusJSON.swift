internal import ControlPlane
internal import Reconciliation

/// The status of a cluster for programs; a field is left out where what it says is not known or does not apply.
struct StatusJSON: Encodable {
    let cluster: String
    let declared: EncryptionMode
    let mode: EncryptionMode
    let isHealthy: Bool
    let interruption: String?
    let writeKeys: [WriteKey]
    let hosts: [Host]
    let stored: [StoredJSON]?
    let isKubeadmInStep: Bool?
    let notes: [String]
    let problems: [String]

    struct WriteKey: Encodable {
        let resource: String
        let keys: [KeyJSON]
    }

    struct Host: Encodable {
        let name: String
        let address: String
        let isSeen: Bool
        let version: String?
        let health: String?
        let readySince: String?
        let failingChecks: [String]?
        let digest: String?
        let loaded: String?
        let isFlagged: Bool?
        let keys: [KeyRingJSON]?
        let kms: String?
        let problems: [String]
    }
}

/// What a configuration has for one resource.
struct KeyRingJSON: Encodable {
    let resource: String
    let write: String
    let read: [String]
}

extension EncryptionConfiguration {
    /// What it has for each resource that it names.
    var json: [KeyRingJSON] {
        resources.map { resource in
            let ring = keyRing(for: resource)
            return KeyRingJSON(
                resource: resource.text, write: "\(ring.writeKey)", read: ring.others.map(\.description))
        }
    }
}

/// A key as JSON shows it.
struct KeyJSON: Encodable {
    let provider: String
    let name: String
    /// By the time in its name.
    let ageSeconds: Int64?

    init(_ key: Key, now: Int) {
        provider = key.providerName
        name = key.name
        ageSeconds = key.age(now: now)?.components.seconds
    }
}

/// What etcd holds of one resource, under one key.
struct StoredJSON: Encodable {
    let resource: String
    let storedAs: String
    let objects: Int
    let isKeyMissing: Bool
}

extension StatusJSON {
    init(_ report: StatusReport) {
        cluster = report.clusterName
        declared = report.declared
        mode = report.mode
        isHealthy = report.isHealthy
        interruption = report.interruption?.word
        writeKeys = report.writeKeys.sorted { $0.key < $1.key }.map { resource, keys in
            WriteKey(resource: resource.text, keys: keys.map { KeyJSON($0, now: report.now) })
        }
        hosts = report.sighting.hosts.map { Host($0, problems: report.problems(on: $0)) }
        stored = report.sighting.stored.json(withoutKey: report.formsWithoutKey)
        isKubeadmInStep = report.isKubeadmInStep
        notes = report.notes
        problems = report.clusterProblems
    }
}

extension StatusJSON.Host {
    fileprivate init(_ host: HostSighting, problems: [String]) {
        let found = host.found
        let health = found.map { $0.host.health.json }
        name = host.name.text
        address = host.address
        isSeen = found != nil
        version = found?.version
        self.health = health?.word
        readySince = found?.readySince
        failingChecks = health?.failing
        digest = found?.host.file.digest
        loaded = found.map { $0.host.loaded.json }
        isFlagged = found?.host.isFlagged
        keys = found?.host.file.configuration?.json
        kms = found?.kmsHealth
        self.problems = problems
    }
}

extension StorageSighting {
    /// Nil where nothing is known.
    func json(withoutKey: Set<StoredForm>) -> [StoredJSON]? {
        guard case .known(let censuses, _) = self else { return nil }
        return censuses.sorted { $0.key < $1.key }.flatMap { resource, census in
            census.counts.sorted { $0.key < $1.key }.map { form, count in
                StoredJSON(
                    resource: resource.text, storedAs: form.description, objects: count,
                    isKeyMissing: withoutKey.contains(form))
            }
        }
    }
}

extension HostHealth {
    fileprivate var json: (word: String, failing: [String]) {
        switch self {
        case .ready: ("ready", [])
        case .repairable(let failing): ("repairable", failing)
        case .unhealthy(let failing): ("unhealthy", failing)
        case .notJoined: ("notJoined", [])
        }
    }
}

extension ConfigurationFile {
    fileprivate var digest: String? {
        if case .present(_, let digest) = self { digest } else { nil }
    }
}

extension LoadedConfiguration {
    fileprivate var json: String {
        switch self {
        case .disk: "disk"
        case .before: "before"
        case .unknown: "unknown"
        case .notRunning: "notRunning"
        }
    }
}

extension Interruption {
    /// Stable, for programs.
    var word: String {
        switch self {
        case .enable: "enable"
        case .disable: "disable"
        case .rotation: "rotation"
        case .differentKeys: "differentKeys"
        case .unknown: "unknown"
        }
    }
}
