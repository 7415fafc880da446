import ControlPlane
import Testing

/// A configuration that can be read and is not to be asked for, or nearly so.
struct Wish: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Everything below `resources:`.
    let entries: String
    /// `line:column: problem`, one a line; the entries begin in line 4.
    let findings: [String]

    static let keys = [
        Wish(
            testDescription: "one name, two secrets",
            entries: """
                - resources: [secrets]
                  providers:
                  - aescbc: {keys: [{name: a, secret: \(Sample.secret)}]}
                  - aescbc: {keys: [{name: a, secret: \(Sample.otherSecret)}]}
                """,
            findings: [
                "7:21: the key name \"a\" stands for two secrets, which an API server confuses for some objects: give each key "
                    + "a name of its own"
            ]),
        Wish(
            testDescription: "one name, two providers, and a name that holds a secret",
            entries: """
                - resources: [secrets]
                  providers:
                  - secretbox: {keys: [{name: \(Sample.secret), secret: \(Sample.otherSecret)}]}
                  - kms: {name: \(Sample.secret), endpoint: 'unix:///run/a/b'}
                """,
            findings: [
                "7:10: the key name \"6uts…\" stands here for another provider's key than above: give each key a name of its own"
            ]),
        Wish(
            testDescription: "one KMS name, two endpoints",
            entries: """
                - resources: [secrets]
                  providers:
                  - kms: {name: k, endpoint: 'unix:///run/a/b'}
                  - kms: {name: k, endpoint: 'unix:///run/a/c'}
                """,
            findings: ["7:10: the KMS name \"k\" stands for two endpoints: give each plugin a name of its own"]),
        Wish(
            testDescription: "one secret, two names, in two entries",
            entries: """
                - resources: [secrets]
                  providers: [aescbc: {keys: [{name: a, secret: \(Sample.secret)}]}]
                - resources: [configmaps]
                  providers: [secretbox: {keys: [{name: b, secret: \(Sample.secret)}]}]
                """,
            findings: ["7:34: the secret of the key \"b\" is that of \"a\" too: make one for each key"]),
        Wish(
            testDescription: "the same key in two entries",
            entries: """
                - resources: [secrets]
                  providers: [aescbc: {keys: [{name: a, secret: \(Sample.secret)}]}, identity: {}]
                - resources: [configmaps]
                  providers: [aescbc: {keys: [{name: a, secret: \(Sample.secret)}]}, identity: {}]
                """,
            findings: []),
        Wish(
            testDescription: "a key and identity twice in one entry",
            entries: """
                - resources: [secrets]
                  providers:
                  - identity: {}
                  - aescbc: {keys: [{name: a, secret: \(Sample.secret)}]}
                  - aescbc: {keys: [{name: a, secret: \(Sample.secret)}]}
                  - identity: {}
                """,
            findings: [
                "8:21: the key \"a\" stands twice in this entry: leave the second one out",
                "9:5: identity stands twice in this entry: leave the second one out",
            ]),
        Wish(
            testDescription: "a key's name over the one that a merge key brings",
            entries: """
                - resources: [secrets]
                  providers:
                  - aescbc: {keys: [&a {name: a, secret: \(Sample.secret)}]}
                  - secretbox: {keys: [{<<: *a, name: b, secret: \(Sample.otherSecret)}]}
                """,
            findings: [
                "7:33: resources[0].providers[1].secretbox.keys[0] has \"name\" twice, once by a merge key (<<): take one out",
                "7:42: resources[0].providers[1].secretbox.keys[0] has \"secret\" twice, once by a merge key (<<): take one out",
            ]),
        Wish(
            testDescription: "names that etcd could not tell apart, and an unprintable one",
            entries: """
                - resources: [secrets]
                  providers:
                  - aescbc: {keys: [{name: 'a:b', secret: \(Sample.secret)}]}
                  - kms: {name: 'k:1', endpoint: 'unix:///run/a/b'}
                  - aesgcm: {keys: [{name: "a\\tb", secret: \(Sample.otherSecret)}]}
                  - kms: {name: k, endpoint: "unix:///run/k\\ts"}
                """,
            findings: [
                "6:28: resources[0].providers[0].aescbc.keys[0].name must not hold \":\", which ends a key's name in what is "
                    + "stored",
                "7:17: resources[0].providers[1].kms.name must not hold \":\", which ends a key's name in what is stored",
                "8:28: resources[0].providers[2].aesgcm.keys[0].name must not hold control characters",
                "9:30: resources[0].providers[3].kms.endpoint must be a Unix socket such as unix:///run/kms/socket",
            ]),
    ]

    static let sockets = [
        ("unix:///run/kms/socket.sock", nil), ("unix:///@kms", nil),
        ("unix://run/kms.sock", "must have three slashes in front, as in unix:///run/kms/socket"),
        ("unix:/run/kms.sock", "must have three slashes in front, as in unix:///run/kms/socket"),
        ("unix:@kms", "must be written unix:///@name where the socket is abstract"),
        ("unix:///run/" + String(repeating: "k", count: 200), "is longer than the 107 bytes of a socket's path"),
        ("tcp://127.0.0.1:1", "must be a Unix socket such as unix:///run/kms/socket"),
        ("/run/kms.sock", "must be a Unix socket such as unix:///run/kms/socket"),
        ("unix:///run/%zz", "must be a Unix socket such as unix:///run/kms/socket"),
    ].map { endpoint, problem in
        Wish(
            testDescription: endpoint,
            entries: "- {resources: [secrets], providers: [kms: {name: k, endpoint: '\(endpoint)'}]}",
            findings: problem.map { ["4:63: resources[0].providers[0].kms.endpoint \($0)"] } ?? [])
    }

    static let resources = [
        ("secrets", nil), ("configmaps", nil), ("deployments.apps", nil), ("*.", nil), ("*.*", nil), ("*.apps", nil),
        ("pandas.awesome.bears.example", nil), ("*.awesome.bears.example", nil),
        ("Secrets", "\"Secrets\" must not have capital letters: resources are named as in their URL, such as secrets"),
        ("*", "\"*\" stands for nothing: write *. for the resources of the core group, *.* for all"),
        ("secrets.*", "\"secrets.*\" names one resource in all groups, which does not exist: name its group"),
        ("secrets.", "\"secrets.\" ends in a dot: leave it out"),
        ("secrets.v1", "\"secrets.v1\" has a version where its group belongs; leave it out, or name the group"),
        ("jobs.v1beta1", "\"jobs.v1beta1\" has a version where its group belongs; leave it out, or name the group"),
        ("pods/status", "\"pods/status\" is a part of a resource and not stored by itself: name the resource"),
        ("secret", "\"secret\" is no stored resource of the core group; did you mean secrets?"),
        (
            "deployments",
            "\"deployments\" is no stored resource of the core group; one of another group is written with it, "
                + "as deployments.apps"
        ),
        ("serviceipallocations", nil), ("apiserveripinfo", nil), ("servicenodeportallocations", nil),
        ("events.events.k8s.io", "objects of events.k8s.io are stored as events of the core group: write events"),
        ("*.events.k8s.io", "objects of events.k8s.io are stored as events of the core group: write events"),
        (
            "ingresses.extensions",
            "the group extensions is gone, and its resources are stored in other groups: name those"
        ),
        ("a..b", "\"a..b\" is no name of a resource: expected names such as secrets or deployments.apps"),
        ("*secrets", "\"*secrets\" is no name of a resource: expected names such as secrets or deployments.apps"),
        ("a.*.b", "\"a.*.b\" is no name of a resource: expected names such as secrets or deployments.apps"),
    ].map { name, problem in
        let isHidden = ["serviceipallocations", "apiserveripinfo", "servicenodeportallocations"].contains(name)
        let problem =
            isHidden
            ? "\"\(name)\" is no stored resource of the core group; one of another group is written with it, as deployments.apps"
            : problem
        return Wish(
            testDescription: name, entries: "- {resources: ['\(name)'], providers: [identity: {}]}",
            findings: problem.map { ["4:16: \($0)"] } ?? [])
    }

    static let overlaps = [
        ("[secrets, configmaps]", nil),
        ("[secrets, secrets]", "\"secrets\" stands twice in this list"),
        (
            "['*.', secrets]",
            "\"secrets\" and \"*.\" overlap in one list: give the wildcard an entry of its own, behind the other"
        ),
        (
            "[pods, '*.*']",
            "\"*.*\" and \"pods\" overlap in one list: give the wildcard an entry of its own, behind the other"
        ),
        ("['*.apps', '*.']", nil),
        (
            "['*.apps', '*.*']",
            "\"*.*\" and \"*.apps\" overlap in one list: give the wildcard an entry of its own, behind the other"
        ),
    ].map { list, problem in
        Wish(
            testDescription: list, entries: "- resources: \(list)\n  providers: [identity: {}]",
            findings: problem.map { [$0] } ?? [])
    }

    static let masks = [
        (["secrets", "secrets", "*.", "*.*"], nil), (["*.apps", "secrets", "*.*"], nil),
        (
            ["*.", "secrets"],
            "\"secrets\" is masked by \"*.\" in an earlier entry: put the wildcard's entry behind this one"
        ),
        (
            ["*.*", "*.apps"],
            "\"*.apps\" is masked by \"*.*\" in an earlier entry: put the wildcard's entry behind this one"
        ),
        (["*.*", "*.*"], "\"*.*\" is masked by \"*.*\" in an earlier entry: put the wildcard's entry behind this one"),
    ].map { names, problem in
        Wish(
            testDescription: names.joined(separator: " "),
            entries: names.map { "- {resources: ['\($0)'], providers: [identity: {}]}" }.joined(separator: "\n"),
            findings: problem.map { [$0] } ?? [])
    }
}

@Suite("What an operator asks for") struct WishTests {
    @Test(
        "keys, endpoints, resources => all that is wrong, each at its place",
        arguments: Wish.keys + Wish.sockets + Wish.resources)
    func findings(wish: Wish) {
        #expect(found(wish) == wish.findings)
    }

    @Test("resources that hide one another => refused", arguments: Wish.overlaps + Wish.masks)
    func hidden(wish: Wish) {
        let problems = found(wish).map { $0.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? "" }
        #expect(problems == wish.findings)
    }

    @Test("several things wrong => all are said")
    func several() {
        let wish = Wish(
            testDescription: "",
            entries: """
                - resource: [secrets]
                  providers:
                  - aescbc: {keys: [{name: a, secrets: x, secret: AAAA}]}
                  - identities: {}
                  - identity: {x: 1}
                """, findings: [])
        #expect(
            found(wish) == [
                "4:3: \"resource\" is no field of resources[0]; did you mean resources?",
                "4:3: resources[0].resources is missing",
                "6:31: \"secrets\" is no field of resources[0].providers[0].aescbc.keys[0]; did you mean secret?",
                "6:51: resources[0].providers[0].aescbc.keys[0].secret has 3 bytes, aescbc needs 16, 24, 32",
                "7:5: \"identities\" is no field of resources[0].providers[1]; did you mean identity?",
                "7:5: resources[0].providers[1] must hold exactly one of aescbc, aesgcm, secretbox, kms, identity",
                "8:16: \"x\" is no field of resources[0].providers[2].identity; it has none: write {}",
            ])
    }

    private func found(_ wish: Wish) -> [String] {
        let head = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n"
        do {
            _ = try EncryptionConfigurationFile(wish: head + wish.entries, label: "f")
            return []
        } catch {
            return "\(error)".split(separator: "\n").map { String($0.dropFirst(2)) }
        }
    }
}
