internal import Reconciliation

/// What the run before left unfinished, and what becomes of it.
extension PlanReport {
    /// What was cut short, if anything was.
    var interruption: Interruption? {
        // Several keys are no sign of anything where an operator chose them.
        if case .custom = intent.desired { return nil }
        if observed.hosts.contains(where: { $0.place == .custom }) { return nil }
        return observed.interruption
    }

    var found: String? {
        interruption.map { interruption in
            switch interruption {
            case .enable: "Interrupted enable found: \(outcome(of: interruption))."
            case .disable: "Interrupted disable found: \(outcome(of: interruption))."
            case .rotation: "Interrupted rotation found: \(outcome(of: interruption))."
            case .differentKeys: "Different keys found in the hosts' files: \(outcome(of: interruption))."
            case .unknown: "An operation that was cut short was found: \(outcome(of: interruption))."
            }
        }
    }

    private func outcome(of interruption: Interruption) -> String {
        switch (interruption, intent.desired) {
        case (.enable, .disabled): "the manifest now asks for plain text, so it is taken back"
        case (.rotation, .disabled), (.differentKeys, .disabled):
            "the manifest now asks for plain text, which needs none of the keys"
        case (.disable, .managed), (.disable, .custom): "the manifest now asks for encryption, so it is taken back"
        case (.enable, .managed(rotate: true)): "all of it is encrypted with the new key"
        case (.differentKeys, _): "bringing all hosts to one"
        default: "finishing it"
        }
    }
}
