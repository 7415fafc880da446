extension ControlPlaneKind {
    /// Throws `AmbiguousManifest`, and `UnreadableManifest` where none of the files that speak of a kube-apiserver is one's.
    init(_ frames: Frames, _ files: [String: HostFile], _ processes: APIServerProcesses) throws {
        if let name = frames.text("distribution") {
            self = .foreign(.distribution(name))
            return
        }
        var pods: [APIServerPod] = []
        var unreadable: UnreadableManifest?
        for file in frames.texts("manifests.candidate").compactMap({ files[$0] }) {
            do throws(UnreadableManifest) { pods.append(try APIServerPod(file)) } catch {
                // A load balancer's manifest may speak of the API server too; only the one of this name must be its own.
                if file.path.hasSuffix("/kube-apiserver.yaml") || processes.all.contains(where: \.isPod) {
                    unreadable = error
                }
            }
        }
        if pods.count > 1 { throw AmbiguousManifest(paths: pods.map(\.path)) }
        if let pod = pods.first {
            self = .staticPod(pod)
        } else if let unreadable {
            throw unreadable
        } else if let process = processes.all.last {
            self = .foreign(.process(id: process.id))
        } else {
            self = .notJoined
        }
    }
}
