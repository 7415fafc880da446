extension ControlPlaneKind {
    /// - Throws: `UnreadableStaticPod`, `AmbiguousManifest`.
    init(_ frames: Frames, _ files: [String: HostFile], _ processes: APIServerProcesses) throws {
        if let name = frames.text("distribution") {
            self = .foreign(.distribution(name))
            return
        }
        let pods = try frames.texts("manifests.candidate").compactMap { files[$0] }.compactMap(APIServerPod.init)
        if pods.count > 1 { throw AmbiguousManifest(paths: pods.map(\.path)) }
        if let pod = pods.first {
            self = .staticPod(pod)
        } else if let process = processes.all.last {
            self = .foreign(.process(id: process.id))
        } else {
            self = .notJoined
        }
    }
}
