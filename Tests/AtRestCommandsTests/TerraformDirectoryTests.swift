import Foundation
import Subprocess
import SystemPackage
import Testing

@testable import AtRestCommands

/// `-t DIR`, with stand-ins for the programs on the PATH.
@Suite("-t with a directory") struct TerraformDirectoryTests {
    private static let output =
        #"{"kubeone_hosts": {"value": {"control_plane": {"public_address": ["192.0.2.1"], "hostnames": ["cp1"]}}}}"#

    @Test("terraform is installed => run there, without a shell, with our environment, and its messages are shown")
    func terraform() async throws {
        let scratch = try Scratch(directory: "in $(touch pwned)")
        defer { scratch.remove() }
        try scratch.install("terraform", "echo \"warning: $* in $PWD as $MARK\" >&2\necho '\(Self.output)'")
        try scratch.install("tofu", "exit 1")
        let run = try await scratch.validate()
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors == "warning: output -json in \(scratch.infrastructure) as inherited\n")
        let row = "cp1   192.0.2.1  root  22    -        known_hosts  Terraform (terraform output -json in "
        #expect(run.output.contains(row), "\(run.output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.infrastructure).isEmpty)
    }

    @Test("only tofu is installed => tofu is run")
    func tofu() async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        try scratch.install("tofu", "echo '\(Self.output)'")
        let run = try await scratch.validate()
        #expect(run.status == 0 && run.output.contains("Terraform (tofu output -json in "), "\(run.errors)")
    }

    @Test("neither is installed => refused, with what to do")
    func missing() async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        let run = try await scratch.validate()
        #expect(run.status == 4)
        #expect(
            run.errors == """
                refused, nothing was changed: \(scratch.infrastructure): this is a directory, and neither terraform nor tofu is on \
                the PATH to say its outputs: install one, or give the output as a file; write the file with: terraform output \
                -json > output.json

                """)
    }

    @Test("terraform fails => its own words, and that it failed")
    func failing() async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        try scratch.install("terraform", "echo 'Error: Backend initialization required' >&2\nexit 1")
        let run = try await scratch.validate()
        #expect(run.status == 4)
        #expect(
            run.errors == """
                Error: Backend initialization required
                refused, nothing was changed: \(scratch.infrastructure): terraform output -json failed here with exit code 1; \
                what it says stands above

                """)
    }

    @Test("an output that is wrong => the place in what terraform printed")
    func wrong() async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        try scratch.install("terraform", "echo '\(Self.output.replacing("hostnames", with: "hostname"))'")
        let run = try await scratch.validate()
        #expect(run.status == 4)
        #expect(
            run.errors.contains(
                "terraform output -json in \(scratch.infrastructure):1:81: control_plane has no field \"hostname\"; did you mean "
                    + "hostnames?"), "\(run.errors)")
    }

    @Test("- => standard input, and messages call it so")
    func standardInput() async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        let run = try await scratch.validate("-", input: Self.output)
        #expect(run.status == 0 && run.output.contains("  Terraform (standard input:1:"), "\(run.errors)")
        let wrong = try await scratch.validate("-", input: Self.output.replacing("hostnames", with: "hostname"))
        #expect(wrong.status == 4 && wrong.output.isEmpty)
        #expect(
            wrong.errors == """
                refused, nothing was changed: standard input:1:81: control_plane has no field "hostname"; did you mean hostnames?

                """)
    }

    @Test("terraform fails under -l json => its words are lines of JSON, too")
    func json() async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        try scratch.install("terraform", "printf 'no\\n\\nstate\\n' >&2\nexit 3")
        let found = try await scratch.validate(log: "json")
        #expect(found.status == 4)
        let messages = try found.errors.split(separator: "\n").map { line in
            try JSONDecoder().decode([String: LogValue].self, from: Data(line.utf8))["message"]
        }
        #expect(messages.prefix(3) == [.text("no"), .text(""), .text("state")], "\(found)")
        #expect(messages.count == 4, "\(found)")
    }

    @Test("Ctrl-C while terraform waits for its backend => it is ended, and atrest exits 130")
    func interrupted() async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        try scratch.install("terraform", "echo $$ > '\(scratch.path)/started'\nexec /bin/sleep 1000")
        let result = try await run(
            .path("/bin/sh"),
            arguments: [
                "-c",
                """
                mkfifo "$3/started"
                PATH="$3/bin" "$0" validate -m "$1" -t "$2" &
                read -r terraform < "$3/started"
                kill -INT "$!"
                wait "$!"
                echo "$?"
                kill -0 "$terraform" 2> /dev/null || echo gone
                """, MemoryProtectionTests.binary, scratch.manifest, scratch.infrastructure, scratch.path,
            ], output: .string(limit: 1000), error: .string(limit: 10000))
        #expect(result.standardOutput == "130\ngone\n", "\(result.standardError)")
    }

    @Test("the real Terraform on examples/terraform => its hosts; without a state, what to do")
    func real() async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        let sources = (#filePath as String).replacing(#/Tests\/.*/#, with: "")
        let found = try await run(
            .path(FilePath(sources + "scripts/terraform")), output: .string(limit: 10000),
            error: .string(limit: 100_000))
        let terraform = found.standardOutput.split(separator: "\n").joined()
        try #require(found.terminationStatus.isSuccess, "\(found.standardError)")
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path + "/bin/terraform", withDestinationPath: terraform)
        for name in ["variables.tf", "outputs.tf", "versions.tf", "terraform.tfvars.example"] {
            try FileManager.default.copyItem(
                atPath: "\(sources)examples/terraform/\(name)",
                toPath: "\(scratch.infrastructure)/\(name.replacing(".example", with: ""))")
        }
        let before = try await scratch.validate()
        #expect(before.status == 4)
        #expect(
            before.errors.contains(
                "terraform output -json in \(scratch.infrastructure): there are no outputs: was terraform applied in this "
                    + "directory and workspace?"), "\(before.errors)")

        let applied = try await run(
            .path(FilePath(terraform)), arguments: ["apply", "-auto-approve", "-input=false", "-no-color"],
            environment: Scratch.environment, workingDirectory: FilePath(scratch.infrastructure),
            output: .string(limit: 100_000), error: .string(limit: 100_000))
        #expect(applied.terminationStatus.isSuccess, "\(applied.standardOutput)\(applied.standardError)")
        let after = try await scratch.validate()
        #expect(after.status == 0, "\(after.errors)")
        for host in 1...3 {
            #expect(
                after.output.contains(
                    "\ncp-\(host)  192.0.2.1\(host)  ubuntu  22    jump@198.51.100.1  known_hosts  Terraform "),
                "\(after.output)")
        }
    }
}

/// A manifest without hosts, a directory for Terraform, and one with all the programs that atrest can find.
private struct Scratch {
    let path = FileManager.default.temporaryDirectory.appending(path: "atrest-test-\(UUID().uuidString)").path
    let infrastructure: String
    var manifest: String { path + "/kubeone.yaml" }

    /// The real Terraform asks nobody about newer versions.
    static let environment = Environment.inherit.updating(["CHECKPOINT_DISABLE": "1", "MARK": "inherited"])

    init(directory: String = "infra") throws {
        infrastructure = "\(path)/\(directory)"
        for directory in [infrastructure, path + "/bin"] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
        try "apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\nname: k1\n"
            .write(toFile: manifest, atomically: false, encoding: .utf8)
    }

    func install(_ name: String, _ script: String) throws {
        let program = "\(path)/bin/\(name)"
        try "#!/bin/sh\n\(script)\n".write(toFile: program, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    }

    func validate(
        _ tfjson: String? = nil, input: String = "", log: String = "text"
    ) async throws -> (status: Int32?, output: String, errors: String) {
        let result = try await run(
            .path(FilePath(MemoryProtectionTests.binary)),
            arguments: ["validate", "-m", manifest, "-t", tfjson ?? infrastructure, "-l", log],
            environment: Self.environment.updating(["PATH": path + "/bin"]), input: .string(input),
            output: .string(limit: 100_000), error: .string(limit: 100_000))
        guard case .exited(let status) = result.terminationStatus else { return (nil, "", "") }
        return (status, result.standardOutput, result.standardError)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
