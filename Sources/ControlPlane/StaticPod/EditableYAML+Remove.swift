internal import YAML

extension EditableYAML {
    /// Takes a value, with its key or dash, out of its collection; also the collection where `insert` had made it.
    mutating func remove(at path: YAMLPath) throws(UneditableYAML) {
        let parentPath: YAMLPath = path.dropLast()
        guard let parent = root[parentPath], let place = place(of: path, in: parent) else {
            throw UneditableYAML(path: path, line: 1)
        }
        switch (parent.isFlow, place.isOnlyChild) {
        case (false, true): try remove(at: parentPath)
        case (false, false): try removeLines(place.range, at: path)
        case (true, false): try edit(place.rangeWithComma, with: "", is: .remove, at: path)
        case (true, true): try remove(onlyChild: place.range, at: path, of: parent)
        }
    }

    private struct Place {
        /// From the child's first byte (an item's dash is not part of it) to its content's end.
        let range: Range<Int>
        /// In a flow collection: with the comma on one side.
        let rangeWithComma: Range<Int>
        let isOnlyChild: Bool
    }

    private func place(of path: YAMLPath, in parent: Node) -> Place? {
        let ranges: [Range<Int>]
        let index: Int?
        switch path.last {
        case .index(let number):
            ranges = (parent.sequence ?? []).map { $0.start.utf8Offset..<contentEnd($0) }
            index = number
        case .key(let name):
            let pairs = parent.mapping ?? []
            ranges = pairs.map { $0.key.start.utf8Offset..<contentEnd($0.value) }
            index = pairs.firstIndex { $0.key.scalar == name }
        case nil: return nil
        }
        guard let index, ranges.indices.contains(index) else { return nil }
        let range = ranges[index]
        let start = index > 0 ? ranges[index - 1].upperBound : range.lowerBound
        let end = index > 0 || ranges.count == 1 ? range.upperBound : ranges[1].lowerBound
        return Place(range: range, rangeWithComma: start..<end, isOnlyChild: ranges.count == 1)
    }

    private mutating func removeLines(_ range: Range<Int>, at path: YAMLPath) throws(UneditableYAML) {
        var first: Int? = range.lowerBound
        if case .index = path.last { first = root[path].flatMap(dash) }
        guard let first, bytes[lineStart(first)..<first].allSatisfy({ $0 == 0x20 }) else {
            throw UneditableYAML(path: path, line: line(of: range.lowerBound))
        }
        var start = lineStart(first)
        let end = lineEnd(range.upperBound)
        if end == bytes.count, bytes.last != 0x0A {
            start -= lineBreak.utf8.count
        }
        try edit(max(0, start)..<end, with: "", is: .remove, at: path)
    }

    private mutating func remove(
        onlyChild range: Range<Int>, at path: YAMLPath, of parent: Node
    ) throws(UneditableYAML) {
        let parentPath: YAMLPath = path.dropLast()
        let outer = parent.start.utf8Offset..<parent.end.utf8Offset
        let before = bytes[(outer.lowerBound + 1)..<range.lowerBound]
        let behind = bytes[range.upperBound..<(outer.upperBound - 1)]
        switch (before.elementsEqual([0x20]), behind.elementsEqual([0x20]), behind.isEmpty) {
        case (true, true, _):
            try remove(at: parentPath)
        case (true, _, true):
            // In a flow collection null must be said, in a block it is nothing, without the space that was put before.
            let isInFlow = root[parentPath.dropLast()]?.isFlow == true
            let start = isInFlow ? outer.lowerBound : outer.lowerBound - 1
            let null = isInFlow ? "null" : ""
            try edit(start..<outer.upperBound, with: null, is: .replace(.literal(null)), at: parentPath)
        default:
            try edit(range, with: "", is: .remove, at: path)
        }
    }
}
