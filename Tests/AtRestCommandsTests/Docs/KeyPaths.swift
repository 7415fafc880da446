import FoundationEssentials

@testable import AtRestCommands

/// Where fields stand in a JSON document: `hosts[].bastion.port`.
struct KeyPaths {
    /// Those of values that hold no others.
    private(set) var found: Set<String> = []
    /// Those that no sample has anything in, so that JSON does not show them, or not what is in them.
    private(set) var empty: Set<String> = []

    /// Those that samples of one type have together.
    ///
    /// What they are called is taken from JSON itself, and what there is besides from the types.
    init(of samples: [any Encodable]) throws {
        var declared = KeyPaths()
        for sample in samples {
            declared.add(declaredBy: sample, at: "")
            let json = try JSONDecoder().decode(JSON.self, from: Data(try jsonText(sample).utf8))
            add(json, at: "")
        }
        empty = declared.empty.subtracting(declared.found)
    }

    private init() {}

    private mutating func add(_ json: JSON, at path: String) {
        switch json {
        case .object(let fields):
            for (name, value) in fields { add(value, at: path.isEmpty ? name : "\(path).\(name)") }
        case .array(let values):
            for value in values { add(value, at: path + "[]") }
        case .other: found.insert(path)
        }
    }

    private mutating func add(declaredBy value: Any, at path: String) {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            if let wrapped = mirror.children.first {
                found.insert(path)
                add(declaredBy: wrapped.value, at: path)
            } else {
                empty.insert(path)
            }
        case .collection:
            if mirror.children.isEmpty { empty.insert(path + "[]") } else { found.insert(path + "[]") }
            for child in mirror.children { add(declaredBy: child.value, at: path + "[]") }
        case .struct where !mirror.children.isEmpty:
            for child in mirror.children {
                let name = child.label ?? ""
                add(declaredBy: child.value, at: path.isEmpty ? name : "\(path).\(name)")
            }
        default: found.insert(path)
        }
    }

    /// Any JSON.
    private enum JSON: Decodable {
        case object([String: JSON])
        case array([JSON])
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let object = try? container.decode([String: JSON].self) {
                self = .object(object)
            } else if let array = try? container.decode([JSON].self) {
                self = .array(array)
            } else {
                self = .other
            }
        }
    }
}
