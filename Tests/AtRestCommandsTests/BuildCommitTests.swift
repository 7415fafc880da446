import FoundationEssentials
import Subprocess
import SystemPackage
import Testing

/// What `scripts/write-commit`, which the build runs, says in directories of all kinds.
@Suite("The commit of a build") struct BuildCommitTests {
    /// Runs shell commands in a new repository of one commit, `package`, that has the script; returns what they print.
    private static func inRepository(_ commands: String) async throws -> String {
        let script = """
            set -e
            directory=$(mktemp -d)
            trap 'rm -rf "$directory"' EXIT
            export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com
            export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
            mkdir -p "$directory/package/scripts" "$directory/package/Sources"
            cd "$directory/package"
            cp "$0" scripts/
            touch README.md Sources/a.swift
            git init -q .
            git add .
            git commit -q -m one
            said() { scripts/write-commit "$directory/out"; sed -n 's/.*{ "\\(.*\\)" }/\\1/p' "$directory/out"; }
            here() { said | sed "s/$(git rev-parse --short HEAD)/HEAD/"; }

            """
        let result = try await run(
            .path("/bin/sh"), arguments: ["-c", script + commands, "\(Repository.root)/scripts/write-commit"],
            output: .string(limit: 1000), error: .string(limit: 10_000))
        #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
        return result.standardOutput
    }

    @Test("a commit, and the next one => each is named; so in a worktree")
    func committed() async throws {
        let said = try await Self.inRepository(
            "here; git commit -q --allow-empty -m two; here; git worktree add -q ../other; cd ../other; here")
        #expect(said == "HEAD\nHEAD\nHEAD\n")
    }

    @Test("a changed or a new source => uncommitted changes; a changed page => none", arguments: ["a", "new"])
    func uncommitted(file: String) async throws {
        let said = try await Self.inRepository("echo x > README.md; here; echo x > Sources/\(file).swift; here")
        #expect(said == "HEAD\nHEAD, with uncommitted changes\n")
    }

    @Test("unpacked from an archive, in another repository too => the commit is unknown")
    func archive() async throws {
        let said = try await Self.inRepository(
            "rm -rf .git; said; cd ..; git init -q .; git add .; git commit -qm x; cd package; said")
        #expect(said == "unknown commit\nunknown commit\n")
    }

    @Test("no git on the PATH => the commit is unknown, and the build goes on")
    func noGit() async throws {
        let said = try await Self.inRepository(
            "mkdir bin; for i in sh dirname cat; do ln -s $(command -v $i) bin/; done; PATH=$PWD/bin scripts/write-commit out; cat out"
        )
        #expect(said.contains(#""unknown commit""#))
    }

    @Test("the same answer again => the file is left as it is, so that nothing is compiled again")
    func unchanged() async throws {
        let said = try await Self.inRepository("here; touch -d @1 ../out; here; stat -c %Y ../out")
        #expect(said == "HEAD\nHEAD\n1\n")
    }
}
