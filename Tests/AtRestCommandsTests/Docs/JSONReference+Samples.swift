import ControlPlane
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
        return [odd, troubled].map { sighting in
            VerifyJSON(VerifyReport(clusterName: "k1", declared: .managed, sighting: sighting))
        }
    }

    static func validate() throws -> [any Encodable] {
        let hostKey = "AAAAC3NzaC1lZDI1NTE5AAAAINMgm0gerX10etKAhc2Ojnu4eHCkikVqj0C9T2F9Fh8m"
        let manifest = """
            apiVersion: kubeone.k8c.io/v1beta2
            kind: KubeOneCluster
            name: k1
            features:
              encryptionProviders:
                enable: true
                customEncryptionConfiguration: |
                  apiVersion: apiserver.config.k8s.io/v1
                  kind: EncryptionConfiguration
                  resources:
                    - resources: [secrets]
                      providers:
                        - identity: {}
                        - secretbox:
                            keys: [{name: key-1, secret: "\(String(repeating: "A", count: 43))="}]
            controlPlane:
              hosts:
                - publicAddress: 192.0.2.1
                  sshAgentSocket: /run/agent
                  sshPrivateKeyFile: /keys/id
                  sshCertFile: /keys/id-cert.pub
                  sshHostPublicKey: \(hostKey)
                  bastion: 192.0.2.9
                  bastionPrivateKeyFile: /keys/bastion
                  bastionHostPublicKey: \(hostKey)
            """
        return [
            ValidationJSON(
                try Declaration(manifest: try KubeOneManifest(parsing: manifest, file: "kubeone.yaml"), terraform: nil))
        ]
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
