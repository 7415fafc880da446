internal import YAML

/// Carries out the edits of one static pod manifest.
struct StaticPodEditor {
    let manifest: StaticPodManifest
    private(set) var yaml: EditableYAML

    init(_ manifest: StaticPodManifest) throws(UneditableManifest) {
        self.manifest = manifest
        do {
            yaml = try EditableYAML(manifest.text)
        } catch {
            throw UneditableManifest(file: manifest.file, line: error.line, problem: error.problem)
        }
    }

    var text: String { yaml.text }

    mutating func edit(
        _ change: (inout EditableYAML) throws(UneditableYAML) -> Void
    ) throws(UneditableManifest) {
        do throws(UneditableYAML) {
            try change(&yaml)
        } catch {
            throw UneditableManifest(error, file: manifest.file)
        }
    }

    func refusal(_ line: Int, _ problem: String) -> UneditableManifest {
        UneditableManifest(file: manifest.file, line: line, problem: problem)
    }
}

// MARK: - The flag

extension StaticPodEditor {
    mutating func setFlag(_ path: String) throws(UneditableManifest) {
        if let flag = manifest.flags.flags.last(where: { $0.name == FlagName.configuration }) {
            guard flag.value != path else { return }
            let word = manifest.words[flag.word + (flag.isTwoWords ? 1 : 0)]
            let name = manifest.words[flag.word].text.prefix { $0 != "=" }
            let text = flag.isTwoWords ? path : "\(name)=\(path)"
            try edit { yaml throws(UneditableYAML) in try yaml.replaceScalar(at: word.path, with: text) }
        } else {
            let list = try flagList()
            try edit { yaml throws(UneditableYAML) in
                try yaml.insert(.item(.string("--\(FlagName.configuration)=\(path)")), into: list)
            }
        }
    }

    mutating func removeFlag() throws(UneditableManifest) {
        let unwanted = manifest.flags.flags.filter { $0.name == FlagName.configuration }
            .flatMap { manifest.words[$0.word...].prefix($0.isTwoWords ? 2 : 1).map(\.path) }
        for (list, words) in Dictionary(grouping: unwanted, by: { Array($0.dropLast()) }) {
            try edit { yaml throws(UneditableYAML) in try yaml.remove(Set(words.compactMap(\.last)), from: list) }
        }
    }

    /// The list in which the last flag stands.
    private func flagList() throws(UneditableManifest) -> YAMLPath {
        if let shell = manifest.words.first(where: { word in
            word.text.contains(where: \.isWhitespace) && word.text.contains("kube-apiserver")
        }) {
            throw refusal(
                shell.line,
                "kube-apiserver is started by a shell, whose script atrest does not change; give its flags as items of "
                    + "\"command\" or \"args\", and run again")
        }
        if let terminator = manifest.words.first(where: { $0.text == "--" }) {
            throw refusal(terminator.line, "\"--\" ends kube-apiserver's flags; take it out, and run again")
        }
        guard let last = manifest.words.last(where: { $0.text.hasPrefix("--") }) ?? manifest.words.last else {
            throw refusal(1, "kube-apiserver has neither \"command\" nor \"args\", where its flags would stand")
        }
        return last.path.dropLast()
    }
}

// MARK: - Annotations

extension StaticPodEditor {
    private static let annotations: YAMLPath = ["metadata", "annotations"]

    mutating func setAnnotation(_ name: String, _ value: String) throws(UneditableManifest) {
        switch manifest.annotation(name) {
        case value: return
        case nil:
            try edit { yaml throws(UneditableYAML) in
                try yaml.insert(.field(name, .string(value)), into: Self.annotations)
            }
        default:
            try edit { yaml throws(UneditableYAML) in
                try yaml.replaceScalar(at: Self.annotations + [.key(name)], with: value)
            }
        }
    }

    mutating func removeAnnotation(_ name: String) throws(UneditableManifest) {
        guard manifest.annotation(name) != nil else { return }
        try edit { yaml throws(UneditableYAML) in try yaml.remove(at: Self.annotations + [.key(name)]) }
    }
}
