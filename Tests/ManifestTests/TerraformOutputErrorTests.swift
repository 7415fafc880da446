import Manifest
import Testing

@Suite struct TerraformOutputErrorTests {
    private static let advice = "write the file with: terraform output -json > output.json"

    @Test(
        "what is no Terraform output => what it is instead",
        arguments: [
            ("", "output.json: this is empty; \(advice)"),
            (" \n", "output.json: this is empty; \(advice)"),
            ("{}", "output.json: there are no outputs: was terraform applied in this directory and workspace?"),
            ("[]", "output.json: this is not a Terraform output; \(advice)"),
            ("null", "output.json: this is not a Terraform output; \(advice)"),
            (
                "kubeone_api = {\n  \"endpoint\" = \"a\"\n}\n",
                "output.json: this is what terraform output prints without -json; \(advice)"
            ),
            (
                "{\"version\": 4, \"terraform_version\": \"1.0.3\", \"serial\": 1, \"outputs\": {}}",
                "output.json: this is a Terraform state file, not the output; \(advice)"
            ),
            (
                "{\"format_version\": \"1.0\", \"terraform_version\": \"1.0.3\", \"values\": {}}",
                "output.json: this is what terraform show -json prints, not the output; \(advice)"
            ),
            (
                "{\"format_version\": \"0.1\"}",
                "output.json: this is what terraform show -json prints, not the output; \(advice)"
            ),
            (
                "{\"control_plane\": {\"public_address\": []}}",
                "output.json: this is the value of the one output kubeone_hosts, not the outputs; \(advice)"
            ),
            (
                "{\"endpoint\": {\"value\": 1}}",
                "output.json: there is no output \"kubeone_hosts\": KubeOne's Terraform modules define it; "
                    + "is this the output of the cluster's root module?"
            ),
            (
                "{\"kubeone_hosts\": {\"value\": 1},}",
                "output.json:1:32: this is not JSON: expected a key in double quotes; \(advice)"
            ),
            (
                "apiVersion: v1\n",
                "output.json:1:1: this is not JSON: expected a value; \(advice)"
            ),
        ])
    func unaccepted(text: String, expected: String) {
        #expect(found(Array(text.utf8)) == [expected])
    }

    @Test("a file that PowerShell wrote => its encoding is named")
    func utf16() {
        let bytes: [UInt8] = [0xFF, 0xFE] + "{}".utf8.flatMap { [$0, 0] }
        #expect(
            found(bytes) == ["output.json: this is UTF-16, as PowerShell's > writes it; it must be UTF-8"])
    }

    @Test(
        "a wrong control_plane => its place, what stands there, what should",
        arguments: [
            (
                #"{"public_adress": ["192.0.2.1"]}"#,
                [#"6: control_plane has no field "public_adress"; did you mean public_address?"#]
            ),
            (
                #"{"public_address": "192.0.2.1"}"#,
                [#"24: public_address must be a list, here stands the string "192.0.2.1""#]
            ),
            (
                #"{"private_address": ["192.0.2.1", "192.0.2.2"], "hostnames": ["a"]}"#,
                ["67: hostnames has 1 entries, but private_address has 2: each list must have one for each host"]
            ),
            (
                #"{"private_address": ["192.0.2.1", 2], "ssh_port": "22", "ssh_user": 7}"#,
                [
                    "39: private_address must be a string, here stands the number 2: put it in quotes",
                    #"55: ssh_port must be a number from 1 to 65535, here stands the string "22": "#
                        + "write it without quotes",
                    "73: ssh_user must be a string, here stands the number 7: put it in quotes",
                ]
            ),
            (
                #"{"private_address": ["192.0.2.1"], "ssh_hosts_keys": ["ssh-ed25519 AAAA"]}"#,
                [
                    #"59: ssh_hosts_keys "ssh-ed25519 AAAA" is more than a key: "#
                        + "give the second word of the host's /etc/ssh/ssh_host_ed25519_key.pub alone"
                ]
            ),
        ])
    func wrongControlPlane(group: String, expected: [String]) {
        let text = "{\"kubeone_hosts\": {\"value\": {\"control_plane\":\n    \(group)}}}"
        #expect(found(Array(text.utf8)) == expected.map { "output.json:2:\($0)" })
    }

    @Test(
        "kubeone_hosts or kubeone_api of another shape => said",
        arguments: [
            (#"{"kubeone_hosts": {}}"#, "19: kubeone_hosts has no value; \(advice)"),
            (
                #"{"kubeone_hosts": {"value": {}}}"#,
                "29: kubeone_hosts has no control_plane: KubeOne's Terraform modules put the hosts there"
            ),
            (
                #"{"kubeone_hosts": {"value": {"control_plane": {}, "workers": {}}}}"#,
                #"51: kubeone_hosts has no field "workers"; it may have control_plane"#
            ),
            (
                #"{"kubeone_hosts": {"value": {"control_plane": {}}}, "kubeone_api": {"value": {"endpont": "a"}}}"#,
                #"79: kubeone_api has no field "endpont"; did you mean endpoint?"#
            ),
        ])
    func wrongShape(text: String, expected: String) {
        #expect(found(Array(text.utf8)) == ["output.json:1:\(expected)"])
    }

    private func found(_ bytes: [UInt8]) -> [String] {
        problems { () throws(InputError) in _ = try TerraformOutput(parsing: bytes, file: "output.json") }
    }
}
