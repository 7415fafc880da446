internal import CYAML

extension Node {
    /// Parses the single document in `text`.
    ///
    /// Aliases are replaced by what they name. A mapping with the same key twice is an error, as it is for Kubernetes.
    ///
    /// - Returns: the document's root, or nil where the text holds no document.
    /// - Throws: `YAMLError` with line and column.
    package static func parse(_ text: String) throws(YAMLError) -> Node? {
        let documents = try parseAll(text)
        guard documents.count <= 1 else {
            let second = documents[1].start
            throw YAMLError(
                problem: "a second document begins here, expected only one", line: second.line, column: second.column)
        }
        return documents.first
    }

    /// Parses every document in `text`.
    ///
    /// - Throws: `YAMLError` with line and column.
    package static func parseAll(_ text: String) throws(YAMLError) -> [Node] {
        let events = try EventReader(text).readAll()
        var composer = Composer(events: events)
        return try composer.documents()
    }
}

/// An event of libyaml's parser, copied out of C memory.
private struct Event {
    enum Kind {
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(String, isPlain: Bool, anchor: String?)
        case sequenceStart(anchor: String?, isFlow: Bool)
        case sequenceEnd
        case mappingStart(anchor: String?, isFlow: Bool)
        case mappingEnd

        /// How much deeper what follows stands.
        var deepening: Int {
            switch self {
            case .sequenceStart, .mappingStart: 1
            case .sequenceEnd, .mappingEnd: -1
            case .documentStart, .documentEnd, .alias, .scalar: 0
            }
        }
    }
    let kind: Kind
    let start: Mark
    let end: Mark
}

/// Runs libyaml over a text and turns its events into values.
private struct EventReader {
    private let bytes: [UInt8]
    /// UTF-8 offset of each character, by libyaml's character index; empty where the text is ASCII.
    private let offsets: [Int]

    init(_ text: String) {
        bytes = Array(text.utf8)
        guard bytes.contains(where: { $0 >= 0x80 }) else {
            offsets = []
            return
        }
        var offsets: [Int] = []
        offsets.reserveCapacity(bytes.count + 1)
        for (index, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
            offsets.append(index)
        }
        offsets.append(bytes.count)
        self.offsets = offsets
    }

    func readAll() throws(YAMLError) -> [Event] {
        var parser = unsafe yaml_parser_t()
        guard unsafe yaml_parser_initialize(&parser) == 1 else {
            throw YAMLError(problem: "libyaml could not be initialised", line: 1, column: 1)
        }
        defer { unsafe yaml_parser_delete(&parser) }
        let result: Result<[Event], YAMLError> = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
            do throws(YAMLError) {
                return .success(try unsafe events(of: &parser))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func events(of parser: inout yaml_parser_t) throws(YAMLError) -> [Event] {
        var events: [Event] = []
        var depth = 0
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(&parser, &event) == 1 else {
                throw unsafe error(of: parser)
            }
            defer { unsafe yaml_event_delete(&event) }
            if unsafe event.type == YAML_STREAM_END_EVENT { return events }
            guard let kind = unsafe kind(of: event) else { continue }
            let next = unsafe Event(kind: kind, start: mark(event.start_mark), end: mark(event.end_mark))
            depth += kind.deepening
            // libyaml's own time grows with the square of the depth.
            guard depth <= Composer.depthLimit else { throw Composer.tooDeep(at: next) }
            guard events.count < Composer.eventLimit else { throw Composer.tooMany(at: next) }
            events.append(next)
        }
    }

    /// Of a scalar with one of these tags the text counts as if it stood without quotes, with any other it is a string.
    private static let typedTags = Set(["bool", "int", "float", "null", "merge"].map { "tag:yaml.org,2002:\($0)" })

    private func kind(of event: yaml_event_t) -> Event.Kind? {
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(unsafe string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let text = unsafe String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let isPlain =
                unsafe string(scalar.tag).map(Self.typedTags.contains)
                ?? (scalar.style == YAML_PLAIN_SCALAR_STYLE)
            return unsafe .scalar(text, isPlain: isPlain, anchor: string(scalar.anchor))
        case YAML_SEQUENCE_START_EVENT:
            let sequence = unsafe event.data.sequence_start
            return unsafe .sequenceStart(
                anchor: string(sequence.anchor), isFlow: sequence.style == YAML_FLOW_SEQUENCE_STYLE)
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let mapping = unsafe event.data.mapping_start
            return unsafe .mappingStart(
                anchor: string(mapping.anchor), isFlow: mapping.style == YAML_FLOW_MAPPING_STYLE)
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return nil
        }
    }

    private func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe String(cString: pointer)
    }

    private func mark(_ mark: yaml_mark_t) -> Mark {
        let offset = offsets.isEmpty ? mark.index : offsets[min(mark.index, offsets.count - 1)]
        return Mark(line: mark.line + 1, column: mark.column + 1, utf8Offset: min(offset, bytes.count))
    }

    private func error(of parser: yaml_parser_t) -> YAMLError {
        let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "not YAML"
        let context = unsafe parser.context.map { unsafe String(cString: $0) + ": " } ?? ""
        // Where libyaml could not even read a character, it sets no mark but the character's offset.
        if unsafe parser.error == YAML_READER_ERROR {
            let place = place(ofByte: unsafe parser.problem_offset)
            return YAMLError(problem: context + problem, line: place.line, column: place.column)
        }
        let mark = unsafe parser.problem_mark
        return YAMLError(problem: context + problem, line: mark.line + 1, column: mark.column + 1)
    }

    private func place(ofByte offset: Int) -> (line: Int, column: Int) {
        let before = bytes.prefix(offset)
        let newline = UInt8(ascii: "\n")
        let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
        let line = before.count { $0 == newline } + 1
        return (line, before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1)
    }
}

/// Builds nodes from events.
private struct Composer {
    static let depthLimit = 200
    /// A value takes some hundred bytes, and in the text perhaps two; what is read has some thousands.
    static let eventLimit = 500_000
    /// Far more than a manifest repeats; a few lines can stand for billions.
    private static let aliasLimit = 100_000

    private let events: [Event]
    private var position = 0
    private var anchors: [String: (node: Node, height: Int, size: Int)] = [:]
    /// How many values there are so far, aliases counted as what they stand for.
    private var size = 0
    /// How many of these only aliases stand for.
    private var aliased = 0
    /// The deepest level that was reached, counting what aliases stand for.
    private var deepest = 0

    init(events: [Event]) {
        self.events = events
    }

    mutating func documents() throws(YAMLError) -> [Node] {
        var documents: [Node] = []
        while position < events.count {
            position += 1
            anchors = [:]
            documents.append(try node(depth: 0))
            position += 1
        }
        return documents
    }

    private mutating func node(depth: Int) throws(YAMLError) -> Node {
        let event = events[position]
        try reach(depth, at: event)
        position += 1
        let before = size
        size += 1
        let outerDeepest = deepest
        deepest = depth
        defer { deepest = max(outerDeepest, deepest) }
        switch event.kind {
        case .scalar(let text, let isPlain, let anchor):
            return remember(
                Node(content: .scalar(text, isPlain: isPlain), start: event.start, end: event.end, isFlow: false),
                as: anchor, height: 0, size: 1)
        case .sequenceStart(let anchor, let isFlow):
            var items: [Node] = []
            while !isEnd { items.append(try node(depth: depth + 1)) }
            return remember(
                close(.sequence(items), from: event, isFlow: isFlow), as: anchor, height: deepest - depth,
                size: size - before)
        case .mappingStart(let anchor, let isFlow):
            let pairs = try pairs(depth: depth + 1)
            return remember(
                close(.mapping(pairs), from: event, isFlow: isFlow), as: anchor, height: deepest - depth,
                size: size - before)
        case .alias(let name):
            guard let (target, height, targetSize) = anchors[name] else {
                throw YAMLError(
                    problem: "unknown alias \"\(name)\"", line: event.start.line, column: event.start.column)
            }
            try reach(depth + height, at: event)
            deepest = depth + height
            size += targetSize - 1
            aliased += targetSize
            guard aliased <= Self.aliasLimit else {
                throw YAMLError(
                    problem: "aliases stand for more than \(Self.aliasLimit) values", line: event.start.line,
                    column: event.start.column)
            }
            return Node(content: target.content, start: event.start, end: event.end, isFlow: target.isFlow)
        case .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw YAMLError(problem: "unexpected end of a value", line: event.start.line, column: event.start.column)
        }
    }

    /// A tree that aliases stack too high would overflow the call stack of whoever walks or frees it.
    private func reach(_ depth: Int, at event: Event) throws(YAMLError) {
        guard depth < Self.depthLimit else { throw Self.tooDeep(at: event) }
    }

    static func tooDeep(at event: Event) -> YAMLError {
        YAMLError(
            problem: "nested deeper than \(depthLimit) levels", line: event.start.line, column: event.start.column)
    }

    static func tooMany(at event: Event) -> YAMLError {
        YAMLError(
            problem: "more than \(eventLimit) values", line: event.start.line, column: event.start.column)
    }

    private mutating func pairs(depth: Int) throws(YAMLError) -> [Node.Pair] {
        var pairs: [Node.Pair] = []
        var seen: Set<String> = []
        while !isEnd {
            let key = try node(depth: depth)
            // Merge keys may stand side by side.
            if let text = key.scalar, key.content != .scalar("<<", isPlain: true), !seen.insert(text).inserted {
                throw YAMLError(
                    problem: "the key \(text.quoted) stands twice in this mapping", line: key.start.line,
                    column: key.start.column)
            }
            pairs.append(Node.Pair(key: key, value: try node(depth: depth)))
        }
        return pairs
    }

    private var isEnd: Bool {
        switch events[position].kind {
        case .sequenceEnd, .mappingEnd: true
        default: false
        }
    }

    private mutating func close(_ content: Node.Content, from start: Event, isFlow: Bool) -> Node {
        let end = events[position].end
        position += 1
        return Node(content: content, start: start.start, end: end, isFlow: isFlow)
    }

    private mutating func remember(_ node: Node, as anchor: String?, height: Int, size: Int) -> Node {
        if let anchor { anchors[anchor] = (node, height, size) }
        return node
    }
}
