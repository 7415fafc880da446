internal import ControlPlane
internal import Reconciliation

/// How old the key in use is, by the time in its name, and whether that is too old.
struct KeyAge: CustomStringConvertible {
    let key: Key
    let limit: TimeSpan
    /// Nil where the name has no date.
    let age: Duration?

    init(of key: Key, limit: TimeSpan, now: Int) {
        self.key = key
        self.limit = limit
        age = key.age(now: now)
    }

    /// A key of unknown age counts as too old: nobody can say that it is not.
    var isOver: Bool { age.map { $0 > limit.duration } ?? true }

    var description: String {
        guard let age else {
            return "The age of the key \(key) is unknown (its name has no date): it is replaced."
        }
        let words = TimeSpan(age).inTwoUnits
        return isOver
            ? "The key \(key) is \(words) old, more than \(limit): it is replaced."
            : "The key \(key) is \(words) old, not more than \(limit): it stays."
    }
}

extension Key {
    /// How old a key is, by the time in its name; nil where that has none.
    ///
    /// `now` is seconds since 1970.
    func age(now: Int) -> Duration? {
        KeyName.parse(name).map { .seconds(max(0, now - $0.time)) }
    }
}
