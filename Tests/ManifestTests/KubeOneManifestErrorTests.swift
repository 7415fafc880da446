import Manifest
import Testing

@Suite struct KubeOneManifestErrorTests {
    private static let accepted = "kubeone.io/v1beta1, kubeone.k8c.io/v1beta2 and kubeone.k8c.io/v1beta3"

    @Test(
        "what is no accepted manifest => said at once, with what is",
        arguments: [
            ("", ["kubeone.yaml: the file is empty; it should hold a KubeOneCluster manifest"]),
            ("# nothing\n", ["kubeone.yaml: the file is empty; it should hold a KubeOneCluster manifest"]),
            ("- a\n", ["kubeone.yaml:1:1: the manifest must be a mapping, here stands a list"]),
            (
                "a: [1\nb: }",
                [
                    "kubeone.yaml:2:2: this is not YAML: while parsing a flow sequence: did not find expected ',' or ']'"
                ]
            ),
            (
                "a: \"{{ required \"x\" .X }}\"\n",
                [
                    "kubeone.yaml:1:18: this is not YAML: while parsing a block mapping: did not find expected key; "
                        + "the line holds a template, {{ … }}: render it first"
                ]
            ),
            (
                "a: 1\n---\nb: 2\n",
                ["kubeone.yaml:1:1: there is no apiVersion; accepted are \(accepted)"]
            ),
            (
                "kind: KubeOneCluster\n---\nkind: KubeOneCluster\n",
                ["kubeone.yaml:3:1: a second KubeOneCluster begins here; a manifest declares one cluster"]
            ),
            (
                "nodes: []\n",
                [
                    "kubeone.yaml:1:1: there is no apiVersion; accepted are \(accepted)"
                ]
            ),
            (
                "apiVersion: kubeone.io/v1alpha1\nkind: KubeOneCluster\nhosts: []\n",
                [
                    "kubeone.yaml:1:13: apiVersion \"kubeone.io/v1alpha1\" is not accepted; "
                        + "accepted are \(accepted): "
                        + "kubeone config migrate, of KubeOne 1.0 to 1.3, brings it up to date"
                ]
            ),
            (
                "apiVersion: kubeone.k8c.io/v1beta4\nkind: KubeOneCluster\n",
                [
                    "kubeone.yaml:1:13: apiVersion \"kubeone.k8c.io/v1beta4\" is not accepted; "
                        + "accepted are \(accepted)"
                ]
            ),
            (
                "apiVersion: v1\nkind: Secret\n",
                [
                    "kubeone.yaml:1:13: apiVersion \"v1\" is not accepted; "
                        + "accepted are \(accepted)",
                    "kubeone.yaml:2:7: kind \"Secret\" is not accepted; expected KubeOneCluster",
                ]
            ),
            (
                "apiVersion: kubeone.k8c.io/v1beta2\n",
                ["kubeone.yaml:1:1: there is no kind; expected KubeOneCluster"]
            ),
        ])
    func unaccepted(text: String, expected: [String]) {
        #expect(found(text) == expected)
    }

    @Test(
        "a wrong field => its place, what stands there, what should",
        arguments: [
            (
                "features: {encryptionProviders: {enable: \"yes\"}}",
                ["4:42: enable must be true or false, without quotes, here stands the string \"yes\""]
            ),
            (
                "features: {encryptionProviders: {enable: 1}}",
                ["4:42: enable must be true or false, here stands the number 1"]
            ),
            (
                "features: {encryptionProviders: {enabled: true}}",
                ["4:34: encryptionProviders has no field \"enabled\"; did you mean enable?"]
            ),
            (
                "features: {encryptionProviders: {provider: aescbc}}",
                [
                    "4:34: encryptionProviders has no field \"provider\"; it may have enable, customEncryptionConfiguration"
                ]
            ),
            (
                "features: {encryptionProviders: true}",
                ["4:33: encryptionProviders must be a mapping, here stands the boolean true"]
            ),
            (
                "features: {encryptionProvider: {enable: true}}",
                ["4:12: features has no field \"encryptionProvider\"; did you mean encryptionProviders?"]
            ),
            (
                "feature: {encryptionProviders: {enable: true}}",
                ["4:1: the manifest has no field \"feature\"; did you mean features?"]
            ),
            (
                "encryptionProviders: {enable: true}",
                ["4:22: encryptionProviders belongs under features, here it has no effect"]
            ),
            (
                "features: {encryptionProviders: {customEncryptionConfiguration: 'kind: X'}}",
                ["4:33: encryptionProviders has a customEncryptionConfiguration but no enable: say true or false"]
            ),
            (
                "features: {encryptionProviders: {enable: true, customEncryptionConfiguration: {kind: X}}}",
                [
                    "4:79: customEncryptionConfiguration must be a string, here stands a mapping: begin it with \"|\""
                ]
            ),
            (
                "features: {encryptionProviders: {enable: true, customEncryptionConfiguration: ' '}}",
                ["4:79: customEncryptionConfiguration is blank: give a configuration, or leave the field out"]
            ),
            (
                "versions: {kubernetes: 1.20}",
                ["4:24: kubernetes must be a string, here stands the number 1.20: put it in quotes"]
            ),
            (
                "controlPlane: {hosts: [{publicAddress: a, sshPort: 022}]}",
                ["4:52: sshPort must be a number from 1 to 65535, here stands the number 022"]
            ),
            (
                "controlPlane: {host: []}\napiEndpoint: {port: 70000}",
                [
                    "4:16: controlPlane has no field \"host\"; did you mean hosts?",
                    "5:21: port must be a number from 1 to 65535, here stands the number 70000",
                ]
            ),
            (
                "features: {encryptionProviders: {enable: true, enable: false}}",
                ["4:48: this is not YAML: the key \"enable\" stands twice in this mapping"]
            ),
            (
                "x: &x {enable: true}\nfeatures: {encryptionProviders: {<<: *x, enable: false}}",
                [
                    "5:42: encryptionProviders has \"enable\" twice, once by a merge key (<<), and KubeOne takes neither: "
                        + "take one out"
                ]
            ),
            (
                "features: {encryptionProviders: {enable: !!str yes}}",
                ["4:42: enable must be true or false, without quotes, here stands the string \"yes\""]
            ),
            ("controlPlane: {hosts: {}}", ["4:23: hosts must be a list, here stands a mapping"]),
            (
                "controlPlane:\n  hosts:\n  - cp-1\n  -\n",
                [
                    "6:5: a host must be a mapping, here stands the string \"cp-1\"",
                    "7:4: a host must be a mapping, here stands nothing",
                ]
            ),
            (
                "controlPlane:\n  hosts:\n  - {publicAdress: a, sshPort: '22', ssh_username: x, size: 3}\n",
                [
                    "6:6: a host has no field \"publicAdress\"; did you mean publicAddress?",
                    "6:32: sshPort must be a number from 1 to 65535, here stands the string \"22\": "
                        + "write it without quotes",
                    "6:38: a host has no field \"ssh_username\"; did you mean sshUsername?",
                    "6:55: a host has no field \"size\"; it may have publicAddress, privateAddress, hostname, sshPort, "
                        + "sshUsername, sshPrivateKeyFile, sshCertFile, sshAgentSocket, sshHostPublicKey, bastion, "
                        + "bastionPort, bastionUser, bastionPrivateKeyFile, bastionHostPublicKey, ipv6Addresses, "
                        + "isLeader, taints, labels, annotations, kubelet, operatingSystem",
                ]
            ),
        ])
    func wrongField(tail: String, expected: [String]) {
        let head = "apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\nname: k1\n"
        #expect(found(head + tail) == expected.map { "kubeone.yaml:\($0)" })
    }

    @Test("a cluster name that KubeOne refuses => refused", arguments: ["K1", "k1_a", "-k1", "k1..a", "k1 a"])
    func clusterName(name: String) {
        let text = "apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\nname: '\(name)'\n"
        let expected =
            "kubeone.yaml:3:7: name \"\(name)\" is not a cluster name: lower-case letters, digits, \"-\" and \".\" are accepted"
        #expect(found(text) == [expected])
    }

    private func found(_ text: String) -> [String] {
        problems { () throws(InputError) in _ = try KubeOneManifest(parsing: text, file: "kubeone.yaml") }
    }
}
