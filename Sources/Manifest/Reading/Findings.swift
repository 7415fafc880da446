internal import YAML

/// Collects the problems of one file while it is read.
struct Findings {
    let file: String
    private var problems: [Problem] = []

    init(file: String) {
        self.file = file
    }

    mutating func add(_ text: String, at mark: Mark) {
        problems.append(Problem(text, at: Place(file: file, mark: mark)))
    }

    func place(_ mark: Mark) -> Place { Place(file: file, mark: mark) }

    /// What was collected, in the order of the file.
    var error: InputError {
        InputError(
            problems.sorted { ($0.place.line ?? 0, $0.place.column ?? 0) < ($1.place.line ?? 0, $1.place.column ?? 0) })
    }

    /// Throws what was collected, if anything was.
    func check() throws(InputError) {
        guard problems.isEmpty else { throw error }
    }
}
