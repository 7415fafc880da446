/// What an operator bounds a run by.
package struct RunLimits: Hashable, Sendable {
    /// How long an API server may take to be ready before its host gets back what it had.
    package var restartTimeout: Duration = .seconds(300)
    /// How many objects are written anew a second at most; nil for as many as the API servers take.
    package var rewritesPerSecond: Int?

    package init() {}
}
