extension Step {
    /// Every key that a host's file holds because of this step.
    package var keys: Set<Key> {
        switch self {
        case .configure(_, let target, _), .stage(_, let target): target.configuration.keys
        case .settle, .recordInKubeadm, .removeFromKubeadm, .rewrite, .tidy, .purgeHistory: []
        }
    }
}
