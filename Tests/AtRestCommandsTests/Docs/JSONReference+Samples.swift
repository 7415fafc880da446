import ControlPlane
import FoundationEssentials
import Logging
import Manifest
import Reconciliation

@testable import AtRestCommands

extension JSONReference {
    private static let key = ClusterSighting.key
    private static let old = StoredForm.encrypted(scheme: "aescbc:v1", name: "old")

    /// A cluster with everything that can be said of one: half of it is not well, and one host is down.
    private static var troubled: ClusterSighting {
        let kms = Key.kms(version: .v2, name: "vault", endpoint: "unix:///run/kms.sock")
        return ClusterSighting.holding(
            [[.identity, kms, key], [.identity, kms, key]], stored: [key.storedForm: 5, old: 2]
        )
        .storing([key.storedForm: 5, old: 2], examples: [old: ["demo/a"]])
        .changing(0) { found in
            found.isCustom = true
            found.host.health = .repairable(failing: ["informer-sync"])
            found.host.drift = ["\"/etc/x\" has mode 644 instead of 600"]
            found.host.loaded = .unknown
        }
        .losing(1, because: "\"cp2\" cannot be reached")
    }

    static func status() throws -> [any Encodable] {
        let rotating = ClusterSighting.holding(
            [[ClusterSighting.newer, key, .identity], [key, ClusterSighting.newer, .identity]],
            stored: [key.storedForm: 3])
        return [troubled, rotating].map { sighting in
            StatusJSON(
                StatusReport(
                    clusterName: "k1", declared: .managed, sighting: sighting, now: EncryptionRequestTests.now))
        }
    }

    static func verify() throws -> [any Encodable] {
        let odd = ClusterSighting.managed.storing([key.storedForm: 5, old: 1], examples: [old: ["demo/a"]])
        let remembered = odd.remembering(
            EtcdHistory(
                oldest: 1, newest: 9, resources: [.secrets],
                members: [EtcdMember(name: "cp1", bytes: 9, used: 8, host: HostName("cp1"))],
                logs: [HostName("cp1"): EtcdLog(files: 1, bytes: 64)]))
        return [remembered, troubled].map { sighting in
            VerifyJSON(VerifyReport(clusterName: "k1", declared: .managed, sighting: sighting))
        }
    }

    static func plan() throws -> [any Encodable] {
        var restored = PlanTextTests.unencrypted
        restored.stored = [.secrets: StoredObjects(count: 7, forms: [old])]
        restored.archivedKeys = [
            .local(provider: .aescbc, name: "old", fingerprint: Fingerprint("02")): "/k/k1/old.cms.pem"
        ]
        restored.room = StorageRoom(size: 2000, used: 1000, quota: 1_000_000, bytesPerObject: 10)
        var rotating = EncryptionRequestTests.cluster()
        rotating.toPurge = [EtcdMember(name: "cp1", bytes: 12_300_000, used: 9, host: HostName("cp1"))]
        rotating.hosts[0].openStep = [key, ClusterSighting.newer]
        rotating.hosts[0].drift = ["\"/etc/x\" has mode 644 instead of 600"]
        let identityFirst = EncryptionConfiguration(
            entries: [.init(resources: [.secrets], keys: [.identity, PlanTextTests.key])])
        let custom = CustomConfiguration(configuration: identityFirst, digest: "00")
        return [
            PlanJSON(try PlanTextTests.report(restored, .managed(rotate: false))),
            PlanJSON(try PlanTextTests.report(rotating, .managed(rotate: false))),
            PlanJSON(try PlanTextTests.report(EncryptionRequestTests.cluster(), .custom(custom))),
            PlanJSON(
                clusterName: "k1", declared: .managed, failing: OutageTests.failing, host: OutageTests.host),
        ]
    }

    /// The lines of a run under `-l json`, as they are read.
    static func log() throws -> [any Encodable] {
        let stage = ProgressTests.Stage()
        let log = stage.log(.json)
        let reporter = stage.reporter(log)
        reporter.report(.begins(ProgressTests.restart, because: .notLoaded))
        reporter.report(.waits(for: .newServer(ProgressTests.host)))
        stage.wait(.seconds(10))
        reporter.tick()
        reporter.report(.begins(ProgressTests.rewrite, because: .storedUnder([])))
        reporter.report(.rewritten(done: 1, total: 2))
        stage.wait(.seconds(1))
        reporter.tick()
        log.tell(.error, "failed", ["exitCode": .number(1)])
        return try stage.written().split(separator: "\n").map { line in
            try JSONDecoder().decode([String: LogValue].self, from: Data(line.utf8))
        }
    }

    static func validate() throws -> [any Encodable] {
        let hostKey = "AAAAC3NzaC1lZDI1NTE5AAAAINMgm0gerX10etKAhc2Ojnu4eHCkikVqj0C9T2F9Fh8m"
        let host = """
            {publicAddress: 192.0.2.1, sshAgentSocket: /run/agent, sshPrivateKeyFile: /keys/id, \
            sshCertFile: /keys/id-cert.pub, sshHostPublicKey: \(hostKey), bastion: 192.0.2.9, \
            bastionPrivateKeyFile: /keys/bastion, bastionHostPublicKey: \(hostKey)}
            """
        return [ValidationJSON(try ValidationTests.declared(ValidationTests.custom, hosts: host))]
    }

    static func keysList() throws -> [any Encodable] {
        [
            [
                KeyList.Row(
                    cluster: "prod", name: "k1", provider: "aesgcm", date: "2026-01-31T23:59:59Z", hosts: ["cp1"],
                    file: "/k/prod/k1.cms.pem")
            ]
        ]
    }
}
