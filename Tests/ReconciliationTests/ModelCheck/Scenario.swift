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

    enum Start {
        case unencrypted
        /// Every host has one key, and its process has loaded it.
        case encrypted
    }

    static let anyNumberOfFaults = 15

    func makeCatalog() -> Catalog { Catalog(adoptedKeys: adoptedKeys) }

    func startState(_ catalog: Catalog) -> ClusterState {
        var state = ClusterState()
        state.faultsLeft = faults ?? Scenario.anyNumberOfFaults
        state.stored = start == .encrypted ? 2 : 1
        state.isInKubeadm = start == .encrypted
        for index in 0..<hostCount {
            var host = HostState()
            host.isJoined = index < hostCount - joining
            if host.isJoined {
                host.isFlagged = start == .encrypted
                host.file = start == .encrypted ? catalog.number(ofKeys: [1, 0]) : Catalog.none
                host.serving = host.onDisk
            }
            state[index] = host
        }
        return state
    }
}
