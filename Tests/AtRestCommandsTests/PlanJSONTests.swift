import FoundationEssentials
import Reconciliation
import Testing

@testable import AtRestCommands

@Suite struct PlanJSONTests {
    private func text(
        _ cluster: ObservedCluster, _ desired: DesiredEncryption, freshKey: Key = FoundTextTests.fresh
    ) throws -> String {
        try jsonText(PlanJSON(try PlanTextTests.report(cluster, desired, freshKey: freshKey)))
    }

    @Test("enable on one host => every field, in order")
    func enable() throws {
        var cluster = PlanTextTests.unencrypted
        cluster.hosts.removeLast()
        cluster.kubeadm = .unavailable
        cluster.room = StorageRoom(size: 12_000_000, used: 9_000_000, quota: 2_000_000_000, bytesPerObject: 1500)
        #expect(
            try text(cluster, .managed(rotate: false), freshKey: PlanTextTests.key) == """
                {
                  "cluster" : "k1",
                  "declared" : "managed",
                  "hasChanges" : true,
                  "isComplete" : true,
                  "keys" : [
                    {
                      "ageSeconds" : 0,
                      "isFresh" : true,
                      "name" : "atrest-20260101T000000-aaaa",
                      "provider" : "aescbc",
                      "role" : "new",
                      "writesAfter" : [
                        "secrets"
                      ],
                      "writesBefore" : [

                      ]
                    },
                    {
                      "isFresh" : false,
                      "name" : "",
                      "provider" : "identity",
                      "role" : "read",
                      "writesAfter" : [

                      ],
                      "writesBefore" : [
                        "secrets"
                      ]
                    }
                  ],
                  "notes" : [

                  ],
                  "steps" : [
                    {
                      "host" : "cp1",
                      "keys" : [
                        {
                          "read" : [
                            "aescbc:atrest-20260101T000000-aaaa"
                          ],
                          "resource" : "secrets",
                          "write" : "identity"
                        }
                      ],
                      "kind" : "configure",
                      "reason" : "cannot read aescbc:atrest-20260101T000000-aaaa yet",
                      "restarts" : true,
                      "round" : 1
                    },
                    {
                      "hosts" : [
                        "cp1"
                      ],
                      "kind" : "settle",
                      "reason" : "an old process may still write",
                      "restarts" : false,
                      "round" : 1
                    },
                    {
                      "host" : "cp1",
                      "keys" : [
                        {
                          "read" : [
                            "identity"
                          ],
                          "resource" : "secrets",
                          "write" : "aescbc:atrest-20260101T000000-aaaa"
                        }
                      ],
                      "kind" : "configure",
                      "reason" : "writes with identity",
                      "restarts" : true,
                      "round" : 2
                    },
                    {
                      "kind" : "rewrite",
                      "reason" : "stored as plain text",
                      "restarts" : false,
                      "rewrites" : [
                        {
                          "objects" : 2003,
                          "resource" : "secrets",
                          "write" : "aescbc:atrest-20260101T000000-aaaa"
                        }
                      ],
                      "round" : 3
                    },
                    {
                      "hosts" : [
                        "cp1"
                      ],
                      "kind" : "settle",
                      "reason" : "an old process may still write",
                      "restarts" : false,
                      "round" : 3
                    }
                  ],
                  "stored" : [
                    {
                      "objects" : 2003,
                      "resource" : "secrets",
                      "storedAs" : [
                        "plain text"
                      ]
                    }
                  ],
                  "summary" : {
                    "addedBytes" : 3004500,
                    "databaseBytes" : 12000000,
                    "objects" : 2003,
                    "quotaBytes" : 2000000000,
                    "restarts" : 2,
                    "restartsPerHost" : 2,
                    "watchEvents" : 2003
                  },
                  "warnings" : [

                  ]
                }

                """)
    }

    @Test("nothing to do => no changes, no steps, and the keys that are in use with their age")
    func noop() throws {
        let text = try text(EncryptionRequestTests.cluster(), .managed(rotate: false))
        #expect(text.contains("\"hasChanges\" : false"))
        #expect(text.contains("\"steps\" : [\n\n  ]"))
        #expect(text.contains("\"ageSeconds\" : 864000") && text.contains("\"role\" : \"write\""), "\(text)")
    }

    @Test("no API server serves => the host that is put back, who fails, and that more is to follow")
    func outage() throws {
        let text = try jsonText(
            PlanJSON(
                clusterName: "k1", declared: .managed, failing: OutageTests.failing, host: OutageTests.host))
        for part in [
            "\"hasChanges\" : true", "\"isComplete\" : false", "\"kind\" : \"putBack\"", "\"host\" : \"cp1\"",
            "\"failingChecks\" : [\n        \"kube-apiserver does not run\"\n      ]", "\"declared\" : \"managed\"",
        ] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test("a rotation that was cut short, a file that is missing => which, and the reason says so")
    func found() throws {
        var cluster = EncryptionRequestTests.cluster()
        cluster.hosts[1].file = .absent
        let text = try text(cluster, .managed(rotate: false))
        #expect(text.contains("\"reason\" : \"the configuration file is missing\""), "\(text)")
        let old = Key.local(provider: .aescbc, name: "k0", fingerprint: Fingerprint("00"))
        cluster = EncryptionRequestTests.cluster()
        let both = EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: [PlanTextTests.key, old])])
        cluster.hosts[0].file = .present(both, digest: "")
        let rotation = try self.text(cluster, .managed(rotate: false))
        #expect(rotation.contains("\"interruption\" : \"rotation\""), "\(rotation)")
        #expect(rotation.contains("\"role\" : \"dropped\""), "\(rotation)")
    }
}
