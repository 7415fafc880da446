extension HostFinding: CustomStringConvertible {
    package var description: String {
        switch self {
        case .fileMissing: "the configuration file is missing"
        case .fileUnusable(let reason): "no API server can load the configuration file: \(reason)"
        case .flagMissing: "the flag is missing from its manifest (a kubeadm upgrade?)"
        case .notLoaded: "has not loaded what is on its disk"
        case .failing(let checks): "fails \(checks.joined(separator: ", "))"
        case .drift(let difference): difference
        }
    }
}
