internal import ControlPlane
internal import Reconciliation

extension Step {
    /// What a line of progress calls it.
    var words: String {
        switch self {
        case .configure(let host, _, .readableEverywhere): "\(host): read the needed keys"
        case .configure(let host, _, .writeWithWanted): "\(host): write with the wanted key"
        case .configure(let host, _, .prune): "\(host): drop what nothing needs"
        case .stage(let host, _): "\(host): put the configuration there for its join"
        case .settle(let hosts): "wait for the old API server of \(hosts.joined)"
        case .tidy(let hosts): "\(hosts.joined): remove what an earlier run left"
        case .purgeHistory(let member): "etcd member \(member): compact and defragment"
        case .recordInKubeadm: "kubeadm-config: set flag and volumes"
        case .removeFromKubeadm: "kubeadm-config: remove flag and volumes"
        case .rewrite(let rewrites): "rewrite \(rewrites.map(\.resource.text).joined(separator: ", "))"
        }
    }

    /// What programs know it by; stable.
    var kind: String {
        switch self {
        case .configure: "configure"
        case .stage: "stage"
        case .settle: "settle"
        case .tidy: "tidy"
        case .purgeHistory: "purgeHistory"
        case .recordInKubeadm: "recordInKubeadm"
        case .removeFromKubeadm: "removeFromKubeadm"
        case .rewrite: "rewrite"
        }
    }

    /// The only host that a step changes.
    var host: HostName? {
        switch self {
        case .configure(let host, _, _), .stage(let host, _): host
        case .settle, .recordInKubeadm, .removeFromKubeadm, .rewrite, .tidy, .purgeHistory: nil
        }
    }
}

extension Awaited {
    var words: String {
        switch self {
        case .newServer: "a new kube-apiserver"
        case .readiness(_, let failing) where failing.isEmpty: "it to be ready"
        case .readiness(_, let failing): "it to be ready (fails \(failing.joined(separator: ", ")))"
        case .oldServers(let hosts): hosts.joined
        }
    }
}
