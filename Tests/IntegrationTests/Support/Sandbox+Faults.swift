import FoundationEssentials

extension Sandbox {
    static let configurationFile = "/etc/kubernetes/encryption-providers/encryption-providers.yaml"

    /// No container of a host starts with another encryption configuration than the one of now, while `body` runs.
    ///
    /// What is new becomes something that no API server can read; the one of now still works when it is put back.
    static func refusingNewConfigurations<Value>(on host: String, _ body: () async throws -> Value) async throws
        -> Value
    {
        // containerd takes the first runc on its path.
        _ = try await onHost(
            host,
            """
            known=$(sha256sum < \(configurationFile))
            real=$(command -v runc)
            printf '%s\\n' '#!/bin/sh' \
                'case " $* " in *" create "*)' \
                "[ \\"\\$(sha256sum < \(configurationFile))\\" = \\"$known\\" ] || echo broken > \(configurationFile) ;;" \
                'esac' "exec $real \\"\\$@\\"" > /run/runc
            chmod 755 /run/runc
            mv /run/runc /usr/local/sbin/runc
            """)
        let result = await Result { try await body() }
        _ = try await onHost(host, "rm /usr/local/sbin/runc")
        return try result.get()
    }

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
