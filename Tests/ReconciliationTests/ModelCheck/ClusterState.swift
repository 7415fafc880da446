/// One state of the model: hosts, what etcd may hold, kubeadm's record, and the operator's run.
struct ClusterState: Hashable {
    private var first = HostState()
    private var second = HostState()
    private var third = HostState()
    private var shared: UInt64 = 0

    static let hostLimit = 3

    subscript(host: Int) -> HostState {
        get {
            switch host {
            case 0: first
            case 1: second
            default: third
            }
        }
        set {
            switch host {
            case 0: first = newValue
            case 1: second = newValue
            default: third = newValue
            }
        }
    }

    private subscript(at: Int, width width: Int) -> UInt64 {
        get { shared >> UInt64(at) & (1 << UInt64(width) - 1) }
        set { shared = shared & ~((1 << UInt64(width) - 1) << UInt64(at)) | newValue << UInt64(at) }
    }

    /// The keys under which some object may be stored.
    var stored: Catalog.KeySet {
        get { Catalog.KeySet(truncatingIfNeeded: self[0, width: 8]) }
        set { self[0, width: 8] = UInt64(newValue) }
    }

    var isInKubeadm: Bool {
        get { self[8, width: 1] != 0 }
        set { self[8, width: 1] = newValue ? 1 : 0 }
    }

    /// What the run that is alive is at.
    var run: RunPoint {
        get { RunPoint(rawValue: UInt8(truncatingIfNeeded: self[9, width: 4])) ?? .none }
        set { self[9, width: 4] = UInt64(newValue.rawValue) }
    }

    var wish: ModelWish {
        get { ModelWish(rawValue: UInt8(truncatingIfNeeded: self[13, width: 2])) ?? .disable }
        set { self[13, width: 2] = UInt64(newValue.rawValue) }
    }

    /// The run's fresh key; 0 where it can not come to use it.
    var freshKey: Int {
        get { Int(self[15, width: 3]) }
        set { self[15, width: 3] = UInt64(newValue) }
    }

    /// The host that the run's step is about.
    var stepHost: Int {
        get { Int(self[18, width: 2]) }
        set { self[18, width: 2] = UInt64(newValue) }
    }

    /// What the run's step puts on the host; `Catalog.unencrypted` takes flag and file away.
    var stepTarget: Catalog.Number {
        get { Catalog.Number(truncatingIfNeeded: self[20, width: 6]) }
        set { self[20, width: 6] = UInt64(newValue) }
    }

    /// The hosts whose old processes the run waits for, as a set.
    var stepHosts: UInt64 {
        get { self[26, width: 3] }
        set { self[26, width: 3] = newValue }
    }

    /// The key that the run rewrites to.
    var stepKey: Int {
        get { Int(self[29, width: 3]) }
        set { self[29, width: 3] = UInt64(newValue) }
    }

    /// Whether the run's step makes a new copy for a rollback; else it keeps the one of a step that was cut short.
    var stepSaves: Bool {
        get { self[36, width: 1] != 0 }
        set { self[36, width: 1] = newValue ? 1 : 0 }
    }

    /// How many more faults may happen.
    var faultsLeft: Int {
        get { Int(self[32, width: 4]) }
        set { self[32, width: 4] = UInt64(newValue) }
    }

    /// The run goes back to looking at the cluster, its step made.
    mutating func finishStep() {
        clearStep()
        run = .deciding
    }

    /// The run ends, by itself or killed.
    mutating func endRun() {
        clearStep()
        run = .none
        wish = .disable
        freshKey = 0
        for host in 0..<ClusterState.hostLimit {
            self[host].knowsLingering = false
            self[host].knowsServing = false
        }
    }

    private mutating func clearStep() {
        stepHost = 0
        stepTarget = Catalog.none
        stepHosts = 0
        stepKey = 0
        stepSaves = false
    }
}

/// Where a run can be, and so where it can die.
enum RunPoint: UInt8 {
    /// No run is alive.
    case none
    case deciding
    /// A host is to be configured; nothing is written yet.
    case configuring
    case fileWritten
    case writeRecorded
    /// The manifest is written; the step is done once a new process has loaded what is on disk.
    case awaitingProcess
    case rollingBack
    case rollbackFileWritten
    case rollbackRecorded
    case awaitingRollback
    case staging
    case settling
    case recording
    case unrecording
    case rewriting
}

/// What an operator may ask for.
enum ModelWish: UInt8, CaseIterable {
    case disable
    case enable
    case rotate
}
