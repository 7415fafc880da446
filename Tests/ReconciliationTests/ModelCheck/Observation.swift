import Reconciliation

/// The decision procedure under test: the real `decide`, or a mutant wrapped around it.
typealias Decider = (ObservedCluster, DesiredEncryption, _ freshKey: Key) -> Decision

/// A decision in the model's numbers.
enum ModelDecision: Hashable {
    case done
    case refuse(Refusal)
    case configure(host: Int, Catalog.Number)
    case stage(host: Int, Catalog.Number)
    case settle(hosts: UInt64)
    case record
    case unrecord
    case rewrite(key: Int)
}

/// What a run can know of a state, and what `decide` makes of it.
final class Observer {
    let catalog: Catalog
    let hostCount: Int
    /// Whether a process that never loaded what is on disk is believed to have done so (a mutant's observer).
    let takesDiskForLoaded: Bool
    /// Whether the operator's archive has the key of a snapshot that was restored.
    let hasArchive: Bool
    private let decider: Decider
    private let names: [HostName]
    private var memo: [ClusterState: ModelDecision] = [:]

    /// The key that a run is handed and never uses; no state holds it.
    private static let unusedKey = Catalog.keyLimit

    init(
        catalog: Catalog, hostCount: Int, takesDiskForLoaded: Bool = false, hasArchive: Bool = false,
        decider: @escaping Decider
    ) {
        self.catalog = catalog
        self.hostCount = hostCount
        self.takesDiskForLoaded = takesDiskForLoaded
        self.hasArchive = hasArchive
        self.decider = decider
        names = (1...hostCount).map { HostName("cp\($0)") }
    }

    /// How many different observations were decided on.
    var observationCount: Int { memo.count }

    func decide(_ state: ClusterState) -> ModelDecision {
        let visible = visible(state)
        if let known = memo[visible] { return known }
        let decision = decider(observe(state), desired(state.wish), freshKey(state))
        let result = number(decision)
        memo[visible] = result
        return result
    }

    func desired(_ wish: ModelWish) -> DesiredEncryption {
        switch wish {
        case .disable: .disabled
        case .enable: .managed(rotate: false)
        case .rotate: .managed(rotate: true)
        }
    }

    func freshKey(_ state: ClusterState) -> Key {
        catalog.key(state.freshKey == 0 ? Observer.unusedKey : state.freshKey)
    }

    /// The state with everything left out that a run can not see: equal ones are decided on once.
    private func visible(_ state: ClusterState) -> ClusterState {
        var visible = ClusterState()
        visible.stored = state.stored
        visible.isInKubeadm = state.isInKubeadm
        visible.wish = state.wish
        visible.freshKey = state.freshKey
        for index in 0..<hostCount {
            let host = state[index]
            var seen = HostState()
            seen.file = host.file
            seen.isFlagged = host.isFlagged
            seen.isJoined = host.isJoined
            switch loaded(host) {
            case .disk: seen.isNewer = true
            case .before(let number): seen.serving = number
            case .notRunning: seen.isRestarting = true
            case .unknown: seen.isSaved = host.isSaved
            }
            switch lingering(host) {
            case .none: break
            case .holding(let number): seen.lingering = number
            case .unknown: seen.knowsLingering = true
            }
            visible[index] = seen
        }
        return visible
    }

    func observe(_ state: ClusterState) -> ObservedCluster {
        var forms: Set<StoredForm> = []
        for number in 0...Catalog.keyLimit where state.stored & 1 << Catalog.KeySet(number) != 0 {
            forms.insert(catalog.key(number).storedForm)
        }
        return ObservedCluster(
            hosts: (0..<hostCount).map { observe(state[$0], named: names[$0], stored: state.stored) },
            stored: [.secrets: StoredObjects(count: forms.count, forms: forms)],
            kubeadm: state.isInKubeadm ? .present : .absent,
            archivedKeys: hasArchive ? [catalog.key(Scenario.restoredKey): "archive"] : [:])
    }

    private func observe(_ host: HostState, named name: HostName, stored: Catalog.KeySet) -> ObservedHost {
        let file: ConfigurationFile =
            host.file == Catalog.none ? .absent : .present(configuration(host.file), digest: "")
        let loaded: LoadedConfiguration =
            switch loaded(host) {
            case .disk: .disk
            case .before(let number): .before(configuration(number))
            case .unknown: .unknown
            case .notRunning: .notRunning
            }
        let lingering: LingeringProcess =
            switch lingering(host) {
            case .none: .none
            case .holding(let number): .holding(configuration(number))
            case .unknown: .unknown
            }
        let health: HostHealth =
            if !host.isJoined {
                .notJoined
            } else if host.serving == Catalog.none {
                .repairable(failing: ["not running"])
            } else if stored & ~catalog.readable[Int(host.serving)] != 0 {
                .repairable(failing: ["informer-sync"])
            } else {
                .ready
            }
        return ObservedHost(
            name: name, file: file, isFlagged: host.isFlagged, loaded: loaded, lingering: lingering, health: health,
            drift: loaded == .unknown && host.isSaved ? ["a step was cut short"] : [],
            openStep: host.isSaved && loaded != .disk ? configuration(host.savedFile).keys : nil)
    }

    enum Loaded: Hashable {
        case disk
        case before(Catalog.Number)
        case unknown
        case notRunning
    }

    /// What can be known of a serving process: its command line shows a missing flag, the record of the last write tells
    /// whether it started later, and until a step is done the copy for its rollback says what served then.
    func loaded(_ host: HostState) -> Loaded {
        if host.serving == Catalog.none { return .notRunning }
        if host.serving == Catalog.unencrypted { return host.isFlagged ? .before(Catalog.unencrypted) : .disk }
        if takesDiskForLoaded, host.isFlagged { return .disk }
        if host.isRecorded && host.isNewer { return host.isFlagged ? .disk : .before(host.file) }
        return host.servedWhenSaved ? .before(host.savedFile) : .unknown
    }

    private enum Lingering {
        case none
        case holding(Catalog.Number)
        case unknown
    }

    private func lingering(_ host: HostState) -> Lingering {
        if host.lingering == Catalog.none { return .none }
        return host.knowsLingering && host.lingeringToo == Catalog.none ? .holding(host.lingering) : .unknown
    }

    private func configuration(_ number: Catalog.Number) -> EncryptionConfiguration {
        catalog.configurations[Int(number)]
    }

    func number(_ decision: Decision) -> ModelDecision {
        switch decision {
        case .done: .done
        case .refuse(let refusal): .refuse(refusal)
        case .perform(.configure(let host, let target, _), _): .configure(host: number(host), number(target))
        case .perform(.stage(let host, let target), _): .stage(host: number(host), number(target))
        case .perform(.settle(let hosts), _): .settle(hosts: hosts.reduce(0) { $0 | 1 << UInt64(number($1)) })
        case .perform(.tidy, _), .perform(.purgeHistory, _):
            preconditionFailure("the model's hosts show no leftovers, and its etcd no history")
        case .perform(.recordInKubeadm, _): .record
        case .perform(.removeFromKubeadm, _): .unrecord
        case .perform(.rewrite(let rewrites), _): .rewrite(key: rewrites.first.map { catalog.number(of: $0.key) } ?? 0)
        }
    }

    private func number(_ host: HostName) -> Int {
        guard let number = names.firstIndex(of: host) else { preconditionFailure("no host \(host)") }
        return number
    }

    private func number(_ target: Target) -> Catalog.Number {
        switch target {
        case .configuration(let configuration), .managed(let configuration): catalog.number(of: configuration)
        case .custom(let custom): catalog.number(of: custom.configuration)
        case .removed: Catalog.unencrypted
        }
    }
}
