internal import YAML

extension EditableYAML {
    /// Takes a value, with its key or dash, out of its collection; also the collection where `insert` had made it.
    mutating func remove(at path: YAMLPath) throws(UneditableYAML) {
        guard let child = path.last else { throw UneditableYAML(path: path, line: 1) }
        try remove([child], from: path.dropLast())
    }

    /// Takes any number of values out of one collection, as if one by one, but with a single edit of the text.
    mutating func remove(_ children: Set<YAMLStep>, from path: YAMLPath) throws(UneditableYAML) {
        guard !children.isEmpty else { return }
        guard let parent = root[path] else { throw UneditableYAML(path: path, line: 1) }
        let places = places(in: parent)
        let unwanted = places.indices.filter { children.contains(places[$0].step) }
        guard unwanted.count == children.count else { throw UneditableYAML(path: path, line: parent.start.line) }
        switch (parent.isFlow, unwanted.count == places.count) {
        case (false, true): try remove(at: path)
        case (false, false): try removeLines(unwanted.map { places[$0] }, from: path)
        case (true, false):
            var bytes = RangeSet<Int>()
            // A comma goes with what stands behind it, but in front of the first child that stays.
            let first = places.indices.first { !children.contains(places[$0].step) } ?? 0
            bytes.insert(contentsOf: places[0].range.lowerBound..<places[first].range.lowerBound)
            for index in unwanted where index > first {
                bytes.insert(contentsOf: places[index - 1].range.upperBound..<places[index].range.upperBound)
            }
            try edit(removing: bytes, is: .remove(children), at: path)
        case (true, true):
            try removeAll(places, from: parent, at: path)
        }
    }

    private struct Place {
        let step: YAMLStep
        /// From the child's first byte (an item's dash is not part of it) to its content's end.
        let range: Range<Int>
        /// Where the line of a child in a block begins; nil where something else stands in front of the child.
        let start: Int?
    }

    /// Every child that a step leads to.
    private func places(in parent: Node) -> [Place] {
        let items = (parent.sequence ?? []).enumerated().map { index, item in
            Place(
                step: .index(index), range: item.start.utf8Offset..<contentEnd(item),
                start: dash(of: item).flatMap(indentedLine))
        }
        return items
            + (parent.mapping ?? []).map { pair in
                let start = pair.key.start.utf8Offset
                return Place(
                    step: .key(pair.key.scalar ?? ""), range: start..<contentEnd(pair.value), start: indentedLine(start)
                )
            }
    }

    /// The start of the line, where nothing but spaces stands in front.
    private func indentedLine(_ offset: Int) -> Int? {
        let start = lineStart(offset)
        return bytes[start..<offset].allSatisfy { $0 == 0x20 } ? start : nil
    }

    private mutating func removeLines(_ places: [Place], from path: YAMLPath) throws(UneditableYAML) {
        var lines = RangeSet<Int>()
        for place in places {
            guard let start = place.start else {
                throw UneditableYAML(path: path + [place.step], line: line(of: place.range.lowerBound))
            }
            lines.insert(contentsOf: start..<lineEnd(place.range.upperBound))
        }
        // A text without a final line break still has none.
        if let last = lines.ranges.last, last.upperBound == bytes.count, bytes.last != 0x0A {
            lines.insert(contentsOf: max(0, last.lowerBound - lineBreak.utf8.count)..<last.lowerBound)
        }
        try edit(removing: lines, is: .remove(Set(places.map(\.step))), at: path)
    }

    private mutating func removeAll(
        _ places: [Place], from parent: Node, at path: YAMLPath
    ) throws(UneditableYAML) {
        guard let first = places.first?.range.lowerBound, let last = places.last?.range.upperBound else { return }
        let outer = parent.start.utf8Offset..<parent.end.utf8Offset
        let before = bytes[(outer.lowerBound + 1)..<first]
        let behind = bytes[last..<(outer.upperBound - 1)]
        switch (before.elementsEqual([0x20]), behind.elementsEqual([0x20]), behind.isEmpty) {
        case (true, true, _):
            try remove(at: path)
        case (true, _, true):
            // In a flow collection null must be said, in a block it is nothing, without the space that was put before.
            let isInFlow = root[path.dropLast()]?.isFlow == true
            let start = isInFlow ? outer.lowerBound : outer.lowerBound - 1
            let null = isInFlow ? "null" : ""
            try edit(start..<outer.upperBound, with: null, is: .replace(.literal(null)), at: path)
        default:
            try edit(removing: RangeSet(first..<last), is: .remove(Set(places.map(\.step))), at: path)
        }
    }
}
