/// What a host script printed, cut into its frames.
///
/// Lengths are in the frames, so that no content can be taken for a frame of its own. What a login shell prints in front is
/// passed over. What was in the frames stays where it arrived until somebody asks for it as text.
struct Frames {
    struct Frame {
        let name: String
        let value: SecretSlice

        var text: String { String(decoding: value, as: UTF8.self) }
    }

    let all: [Frame]
    /// False where the script stopped, or the connection broke, before its last line.
    let isComplete: Bool

    init(_ output: SecretSlice) {
        var reader = FrameReader(rest: output)
        var frames: [Frame] = []
        reader.skip(through: "atrest-frames")
        while let frame = reader.next() { frames.append(frame) }
        all = frames
        isComplete = reader.line() == "atrest-end"
    }

    /// The text of the first frame with this name.
    func text(_ name: String) -> String? { all.first { $0.name == name }?.text }

    /// The texts of all frames with this name, in order.
    func texts(_ name: String) -> [String] { all.filter { $0.name == name }.map(\.text) }

    /// Every frame with this name, each with the frames `name.…` behind it.
    func groups(_ name: String) -> [Group] {
        var groups: [Group] = []
        for frame in all {
            if frame.name == name {
                groups.append(Group(head: frame.text, members: [:]))
            } else if frame.name.hasPrefix(name + "."), let last = groups.indices.last {
                groups[last].members[String(frame.name.dropFirst(name.utf8.count + 1))] = frame.value
            }
        }
        return groups
    }

    struct Group {
        let head: String
        var members: [String: SecretSlice]

        func text(_ name: String) -> String? { members[name].map { String(decoding: $0, as: UTF8.self) } }
    }
}

/// Takes frames off the front of an output.
private struct FrameReader {
    var rest: SecretSlice

    mutating func skip(through marker: String) {
        while let line = line(), !line.hasSuffix(marker) {}
    }

    mutating func line() -> String? {
        guard let newline = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { rest = rest[(newline + 1)...] }
        return String(decoding: rest[..<newline], as: UTF8.self)
    }

    /// The next frame; nil, and nothing taken, where there is none.
    mutating func next() -> Frames.Frame? {
        let start = rest
        let words = line()?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        guard words.count == 2, let length = Int(words[1]), length >= 0, length < rest.count,
            rest[rest.startIndex + length] == UInt8(ascii: "\n")
        else {
            rest = start
            return nil
        }
        let end = rest.startIndex + length
        let frame = Frames.Frame(name: String(words[0]), value: rest[..<end])
        rest = rest[(end + 1)...]
        return frame
    }
}
