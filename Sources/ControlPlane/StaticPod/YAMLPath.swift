internal import YAML

/// One level on the way to a value of a YAML document.
enum YAMLStep: Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case key(String)
    case index(Int)

    init(stringLiteral text: String) { self = .key(text) }
    init(integerLiteral number: Int) { self = .index(number) }
}

/// The way from a document's root to a value: `["spec", "containers", 0, "args"]`.
typealias YAMLPath = [YAMLStep]

extension YAMLPath {
    /// As messages name it: `spec.containers[0].args`.
    var text: String {
        reduce(into: "") { text, step in
            switch step {
            case .key(let name): text += (text.isEmpty ? "" : ".") + name
            case .index(let index): text += "[\(index)]"
            }
        }
    }
}

extension Node {
    subscript(path: some Sequence<YAMLStep>) -> Node? {
        var node: Node? = self
        for step in path {
            switch step {
            case .key(let name): node = node?[name]
            case .index(let index):
                guard let items = node?.sequence, items.indices.contains(index) else { return nil }
                node = items[index]
            }
        }
        return node
    }

    /// The items of a sequence; none where there is none.
    func items(_ key: String) -> [Node] { self[key]?.sequence ?? [] }
}
