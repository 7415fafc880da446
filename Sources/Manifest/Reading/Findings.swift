internal import YAML

/// Collects the problems of one file while it is read.
struct Findings {
    let file: String
    private(set) var problems: [Problem] = []

    init(file: String) {
        self.file = file
    }

    mutating func add(_ text: String, at mark: Mark) {
        problems.append(Problem(text, at: Place(file: file, mark: mark)))
    }

    func place(_ mark: Mark) -> Place { Place(file: file, mark: mark) }

    /// Throws what was collected, if anything was.
    func check() throws(InputError) {
        guard problems.isEmpty else { throw InputError(problems) }
    }
}
