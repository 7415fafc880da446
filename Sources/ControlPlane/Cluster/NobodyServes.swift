package import Reconciliation

/// No API server answers as it must, so nothing can be asked of any.
package struct NobodyServes: Error, CustomStringConvertible {
    /// What fails on each host; at least one.
    package let failing: [(host: HostName, checks: [String])]
    /// For each host on which a step was cut short, whether it can be put back.
    package let waysBack: [(host: HostName, way: WayBack)]

    package init(
        failing: [(host: HostName, checks: [String])], waysBack: [(host: HostName, way: WayBack)] = []
    ) {
        self.failing = failing
        self.waysBack = waysBack
    }

    /// The host to put back; one is enough, for with an API server that serves the others are mended as ever.
    package var restorable: HostName? { waysBack.first { $0.way == .copy }?.host }

    package var description: String {
        let found = failing.map { "  \($0.host): \($0.checks.joined(separator: ", "))" }
        let advice = waysBack.map { host, way in
            switch way {
            case .copy: "  \(host): apply --force-upgrade puts it back to what it had before a step that was cut short"
            case .byHand(let what): "  \(host): \(what)"
            }
        }
        return "no API server of this cluster is healthy:\n" + found.joined(separator: "\n")
            + (advice.isEmpty
                ? "\nMend one, then run the same command again"
                : "\nTo mend one, then run the same command again:\n" + advice.joined(separator: "\n"))
    }
}
