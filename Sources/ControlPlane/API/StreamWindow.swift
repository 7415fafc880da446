/// How many requests may be under way at once: halved when the server is pressed, grown back step by step.
struct StreamWindow {
    private let most: Int
    private(set) var limit: Int
    private var answers = 0
    /// Answers to requests from before the last halving that are still to come: they say nothing about the window of now.
    private var stale = 0
    private var latencies: Duration = .zero
    /// The shortest mean latency of any round.
    private var shortest: Duration?

    init(most: Int) {
        self.most = most
        limit = most
    }

    /// The server answered after a while; a round of as many answers as the window has is judged by its mean.
    mutating func answered(after latency: Duration) {
        guard stale == 0 else {
            stale -= 1
            return
        }
        answers += 1
        latencies += latency
        guard answers >= limit else { return }
        let mean = latencies / answers
        let best = min(shortest ?? mean, mean)
        shortest = best
        if mean > best * 2 && mean > Self.tolerable {
            halve()
        } else {
            limit = min(most, limit + max(1, most / 20))
            startRound()
        }
    }

    /// The server said that it has too much to do.
    mutating func refused() {
        if stale == 0 { halve() } else { stale -= 1 }
    }

    private mutating func halve() {
        stale = limit - 1
        limit = max(1, limit / 2)
        startRound()
    }

    private mutating func startRound() {
        answers = 0
        latencies = .zero
    }

    /// Below this no latency is a sign of pressure.
    private static let tolerable: Duration = .milliseconds(500)
}
