import FoundationEssentials

extension Sandbox {
    static let configurationFile = "/etc/kubernetes/encryption-providers/encryption-providers.yaml"

    /// Waits until a step has written a host's manifest, and what a rollback needs still stands there.
    static func waitForRestart(on host: String) async throws {
        func written(_ path: String) -> Date? {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(state)/hosts/\(host)/\(path)")
            return attributes?[.modificationDate] as? Date
        }
        try await waitUntil("\(host) is in the middle of a step") {
            guard let copied = written("atrest/rollback/facts"),
                let changed = written("etc-kubernetes/manifests/kube-apiserver.yaml")
            else { return false }
            return changed > copied
        }
    }

    /// Ends every ssh session of a host as a broken network would.
    static func cutOff(_ host: String) async throws {
        _ = try await onHost(
            host,
            """
            read -r listener < /run/sshd.pid
            for process in /proc/[0-9]*; do
                stat=$(cat "$process/stat" 2>/dev/null) || continue
                case $stat in
                *"(sshd) "?" $listener "*) kill -KILL "${process#/proc/}" || : ;;
                esac
            done
            """)
    }

    /// A fourth host for the length of `body`, which adds it or has it join.
    static func withFourthHost(_ body: (_ name: String, _ address: String) async throws -> Void) async throws {
        let result = await Result { try await body("cp4", "10.199.0.14") }
        let left = try await command(script, ["leave", "cp4"])
        try result.get()
        _ = try left.checked("leave")
    }
}
