import TestSupport

/// Something that goes wrong around a run of atrest; the raw value is how the table of the campaigns names it.
enum Fault: String, CaseIterable, Codable, Sendable {
    case killedRun = "SIGKILL of atrest"
    case killedSSH = "SIGKILL of one of its ssh"
    case killedSSHD = "SIGKILL of a host's sshd"
    case killedServer = "SIGKILL of an API server"
    case killedEtcd = "SIGKILL of an etcd member"
    case killedKubelet = "SIGKILL of a kubelet"
    case frozenRun = "SIGSTOP of atrest"
    case fullDisk = "full disk"
    case readOnly = "read-only /etc/kubernetes"
    case reboot = "reboot of a host"
    case hostClock = "host's clock two days off"
    case operatorClock = "operator's clock two days off"
    case badNetwork = "500 ms and 5 % loss"
    case denyingWebhook = "webhook that denies"
    case hangingWebhook = "webhook that hangs"
    case answers429 = "proxy: 429"
    case answers500 = "proxy: 500"
    case truncated = "proxy: truncated answers"
    case reset = "proxy: resets"
    case undecryptable = "Secret that no key opens"

    /// True for what is there before the run begins; the others come at some instant of it.
    var isStanding: Bool {
        switch self {
        case .hostClock, .operatorClock, .badNetwork, .denyingWebhook, .hangingWebhook, .answers429, .answers500,
            .truncated, .reset, .undecryptable:
            true
        default: false
        }
    }

    /// What the proxy in front of each API server is to do.
    var proxyKind: String? {
        switch self {
        case .answers429: "429"
        case .answers500: "500"
        case .truncated: "truncate"
        case .reset: "reset"
        default: nil
        }
    }
}

/// A fault of a schedule: where it strikes, and when.
struct PlannedFault: Codable, Sendable, CustomStringConvertible {
    let fault: Fault
    /// Of no meaning to those that concern no host.
    let host: String
    /// Which part of the run's steps is begun: 0 to 0.9, because the last ones may find nothing left to do.
    let instant: Double
    /// Behind that instant; less where the run is short.
    let milliseconds: Int

    var description: String {
        fault.isStanding
            ? "\(fault.rawValue) (\(host))"
            : "\(fault.rawValue) (\(host)) \(milliseconds) ms behind \(Int(instant * 100)) % of the steps"
    }

    init(_ fault: Fault, by generator: inout SplitMix) {
        self.fault = fault
        host = Sandbox.hosts.randomElement(using: &generator) ?? "cp1"
        instant = .random(in: 0..<0.9, using: &generator)
        milliseconds = .random(in: 0...3000, using: &generator)
    }
}
