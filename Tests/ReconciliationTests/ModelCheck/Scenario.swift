/// A part of the model that is explored to its end.
struct Scenario {
    let name: String
    let hostCount: Int
    /// Hosts, the last ones of the inventory, that have no control plane at first and may join at any time.
    var joining = 0
    /// Keys, the first ones, whose names are not of atrest's making.
    var adoptedKeys = 0
    var start: Start = .unencrypted
    var wishes: [ModelWish]
    /// How many faults a schedule may hold; nil for any number.
    var faults: Int?
    /// Whether clients write through every process as soon as it serves, and delete nothing.
    var clientsAlwaysWrite = false
    /// Whether a run may begin before the kubelet has acted on what the run before it wrote.
    var kubeletMayLag = true
    /// Whether each key has another provider than the one before, so that a rotation goes across providers.
    var mixesProviders = false
    /// Whether etcd may come to hold what it held under the first adopted key, which no host has any more.
    var restores = false
    /// Whether the operator's archive has that key.
    var hasArchive = false
    /// Whether fresh keys get names that sort before the older ones (a mutant's clock).
    var namesGoBack = false

    enum Start {
        case unencrypted
        /// Every host has one key, and its process has loaded it.
        case encrypted
        /// As `encrypted`, but the last host was away for a rotation, and came back with what it had.
        case returned
        /// Another tool wrote file and flag to the first host, and died before anything was loaded.
        case foreignEnableCutShort
    }

    static let anyNumberOfFaults = 15
    static let restoredKey = 1

    func makeCatalog() -> Catalog {
        Catalog(adoptedKeys: adoptedKeys, mixesProviders: mixesProviders, namesGoBack: namesGoBack)
    }

    func startState(_ catalog: Catalog) -> ClusterState {
        var state = ClusterState()
        state.faultsLeft = faults ?? Scenario.anyNumberOfFaults
        for index in 0..<hostCount {
            state[index].isJoined = index < hostCount - joining
            if state[index].isJoined { state[index].serving = Catalog.unencrypted }
        }
        let oneKey = catalog.number(ofKeys: [1, 0])
        switch start {
        case .unencrypted:
            state.stored = 1
        case .encrypted:
            state.encrypt(with: oneKey, storedUnder: 1, hosts: 0..<hostCount)
        case .returned:
            state.encrypt(with: oneKey, storedUnder: 1, hosts: hostCount - 1..<hostCount)
            state.encrypt(with: catalog.number(ofKeys: [2, 0]), storedUnder: 2, hosts: 0..<hostCount - 1)
        case .foreignEnableCutShort:
            state.stored = 1
            state[0].file = oneKey
            state[0].isFlagged = true
        }
        return state
    }
}

extension ClusterState {
    fileprivate mutating func encrypt(with configuration: Catalog.Number, storedUnder key: Int, hosts: Range<Int>) {
        stored = 1 << Catalog.KeySet(key)
        isInKubeadm = true
        for index in hosts where self[index].isJoined {
            self[index].file = configuration
            self[index].isFlagged = true
            self[index].serving = configuration
        }
    }
}
