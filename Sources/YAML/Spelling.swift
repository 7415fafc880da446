/// Finds the name that a misspelt one was meant to be.
package enum Spelling {
    /// The known name nearest to `name`; nil where none is near.
    package static func nearest(to name: String, among known: [String]) -> String? {
        // A third of the letters wrong is still a typing error; more is another word.
        let limit = max(1, name.count / 3)
        let wanted = letters(name)
        return known.map { (name: $0, letters: letters($0)) }
            // Their distance is no less than what one is longer: a very long name is compared with none.
            .filter { abs($0.letters.count - wanted.count) <= limit }
            .map { (name: $0.name, distance: distance(wanted, $0.letters)) }
            .filter { $0.distance <= limit }
            .min { $0.distance < $1.distance }?.name
    }

    /// What to do about a name that is not known: the one that was meant, or all that there are.
    package static func advice(for name: String, among known: [String]) -> String {
        nearest(to: name, among: known).map { "did you mean \($0)?" } ?? "it may have \(known.joined(separator: ", "))"
    }

    /// Case, `_` and `-` are how the same name is spelt in another format, and no difference.
    private static func letters(_ name: String) -> [Character] {
        name.lowercased().filter { $0 != "_" && $0 != "-" }
    }

    /// Levenshtein's distance.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (i, leftLetter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, rightLetter) in right.enumerated() {
                let substitution = diagonal + (leftLetter == rightLetter ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, diagonal + 1, row[j] + 1)
            }
        }
        return row[right.count]
    }
}
