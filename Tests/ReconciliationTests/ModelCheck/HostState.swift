/// A control-plane host of the model, packed into one word.
struct HostState: Hashable {
    private(set) var bits: UInt64 = 0

    static let configurationLimit: Catalog.Number = 63

    private subscript(at: Int, width width: Int) -> UInt64 {
        get { bits >> UInt64(at) & (1 << UInt64(width) - 1) }
        set { bits = bits & ~((1 << UInt64(width) - 1) << UInt64(at)) | newValue << UInt64(at) }
    }

    private subscript(configuration at: Int) -> Catalog.Number {
        get { Catalog.Number(truncatingIfNeeded: self[at, width: 6]) }
        set { self[at, width: 6] = UInt64(newValue) }
    }

    private subscript(flag at: Int) -> Bool {
        get { bits & 1 << UInt64(at) != 0 }
        set { self[at, width: 1] = newValue ? 1 : 0 }
    }

    /// The configuration file; `Catalog.none` where there is none.
    var file: Catalog.Number {
        get { self[configuration: 0] }
        set { self[configuration: 0] = newValue }
    }

    /// What the serving process has loaded; `Catalog.none` where the host is down.
    var serving: Catalog.Number {
        get { self[configuration: 6] }
        set { self[configuration: 6] = newValue }
    }

    /// What two old processes have loaded that still may finish a read or a write.
    var lingering: Catalog.Number {
        get { self[configuration: 12] }
        set { self[configuration: 12] = newValue }
    }

    var lingeringToo: Catalog.Number {
        get { self[configuration: 18] }
        set { self[configuration: 18] = newValue }
    }

    /// The file that a rollback would bring back.
    var savedFile: Catalog.Number {
        get { self[configuration: 24] }
        set { self[configuration: 24] = newValue }
    }

    /// Whether a rollback would bring back the flag.
    var savedFlag: Bool {
        get { self[flag: 30] }
        set { self[flag: 30] = newValue }
    }

    /// Whether there is something to roll back to.
    var isSaved: Bool {
        get { self[flag: 31] }
        set { self[flag: 31] = newValue }
    }

    /// Whether the static pod's manifest carries the flag.
    var isFlagged: Bool {
        get { self[flag: 32] }
        set { self[flag: 32] = newValue }
    }

    /// Whether there is a record of the last write, of the file that stands there.
    var isRecorded: Bool {
        get { self[flag: 33] }
        set { self[flag: 33] = newValue }
    }

    /// Whether the serving process started after the recorded write.
    var isNewer: Bool {
        get { self[flag: 34] }
        set { self[flag: 34] = newValue }
    }

    /// Whether the kubelet still has to act on a manifest that was written.
    var awaitsKubelet: Bool {
        get { self[flag: 35] }
        set { self[flag: 35] = newValue }
    }

    var isJoined: Bool {
        get { self[flag: 36] }
        set { self[flag: 36] = newValue }
    }

    /// Whether the present run knows what the lingering processes have loaded.
    var knowsLingering: Bool {
        get { self[flag: 37] }
        set { self[flag: 37] = newValue }
    }

    /// Whether the present run saw the serving process and knows what it has loaded.
    var knowsServing: Bool {
        get { self[flag: 38] }
        set { self[flag: 38] = newValue }
    }

    /// Whether the host is down because its manifest was changed, and not because it cannot start.
    var isRestarting: Bool {
        get { self[flag: 39] }
        set { self[flag: 39] = newValue }
    }

    /// Whether the serving process is the one that served when the copy for a rollback was made, and had loaded it.
    var servedWhenSaved: Bool {
        get { self[flag: 40] }
        set { self[flag: 40] = newValue }
    }

    /// What an API server that starts now would load; `Catalog.none` where it could not start.
    var onDisk: Catalog.Number { isFlagged ? file : Catalog.unencrypted }

    /// What a rollback would have an API server load.
    var saved: Catalog.Number { savedFlag ? savedFile : Catalog.unencrypted }

    /// Adds an old process; false where there is no room for it.
    mutating func linger(_ configuration: Catalog.Number) -> Bool {
        if lingering == configuration || lingeringToo == configuration { return true }
        if lingering == Catalog.none {
            lingering = configuration
        } else if lingeringToo == Catalog.none {
            lingeringToo = configuration
            sortLingering()
        } else {
            return false
        }
        return true
    }

    mutating func sortLingering() {
        if lingering < lingeringToo { (lingering, lingeringToo) = (lingeringToo, lingering) }
        if lingering == Catalog.none { knowsLingering = false }
    }

    mutating func forgetSaved() {
        savedFile = Catalog.none
        savedFlag = false
        isSaved = false
        servedWhenSaved = false
    }
}
