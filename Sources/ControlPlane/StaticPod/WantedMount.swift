/// A mount of ours, of the same path on both sides, read-only.
struct WantedMount: Hashable {
    enum Purpose: Hashable {
        case configuration
        case kms
    }

    let purpose: Purpose
    let path: String
    /// hostPath's type: what the kubelet checks or makes before it starts the pod.
    let type: String
    /// The file that has to be seen.
    let file: String

    /// The directory of the configuration file.
    init(configurationFile file: String) {
        self.init(.configuration, directoryOf: file)
    }

    /// What a KMS plugin's socket needs.
    ///
    /// That is its directory, so that a plugin that makes its socket anew stays reachable; the socket alone only where the
    /// directory holds much else.
    init?(_ socket: KMSSocket) {
        guard case .path(let file) = socket else { return nil }
        let directory = WantedMount(.kms, directoryOf: file)
        self = directory.isTooWide ? WantedMount(purpose: .kms, path: file, type: "Socket", file: file) : directory
    }

    private init(_ purpose: Purpose, directoryOf file: String) {
        let directory = "/" + file.split(separator: "/").dropLast().joined(separator: "/")
        self.init(purpose: purpose, path: directory, type: "DirectoryOrCreate", file: file)
    }

    private init(purpose: Purpose, path: String, type: String, file: String) {
        self.purpose = purpose
        self.path = path
        self.type = type
        self.file = file
    }

    /// Whether the path is one that many programs share.
    var isTooWide: Bool {
        path.split(separator: "/").count < 2
            || ["/var/run", "/var/tmp", "/var/lib", "/var/log", "/etc/kubernetes"].contains(path)
    }
}
