import Foundation
import Manifest
import Reconciliation

enum Fixtures {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let package = folder.deletingLastPathComponent().deletingLastPathComponent()

    static func file(_ path: String) -> URL { folder.appending(path: "Fixtures").appending(path: path) }

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: file(path))) }

    static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    static func example(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: package.appending(path: "examples").appending(path: name)))
    }

    /// The files of one folder of ours.
    static func own(_ name: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: file(name), includingPropertiesForKeys: nil)
    }

    /// The files of one folder of the public corpus, which is no part of the package; none where it is not there.
    static func corpus(_ name: String) -> [URL] {
        let environment = ProcessInfo.processInfo.environment["ATREST_CORPUS"]
        let root = environment.map { URL(filePath: $0) } ?? package.appending(path: "../shared/corpus")
        let files = try? FileManager.default.contentsOfDirectory(
            at: root.appending(path: name).standardizedFileURL, includingPropertiesForKeys: nil)
        return (files ?? []).sorted { $0.path < $1.path }
    }

    /// A manifest with these hosts, each in one or more lines; the first begins in line 6, column 5.
    static func manifest(hosts: [String]) -> String {
        let head = """
            apiVersion: kubeone.k8c.io/v1beta2
            kind: KubeOneCluster
            name: k1
            controlPlane:
              hosts:
            """
        return hosts.reduce(head) { $0 + "\n  - " + $1.replacing("\n", with: "\n    ") } + "\n"
    }

    static func manifest(host: String) -> String { manifest(hosts: [host]) }

    static let surroundings = Surroundings(home: "/home/ops", workingDirectory: "/work dir")
}

/// The problems that reading ends with; none where it succeeds.
func problems(_ read: () throws(InputError) -> Void) -> [String] {
    do throws(InputError) {
        try read()
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

func resolve(
    _ manifest: String, _ terraform: String? = nil, in surroundings: Surroundings = Fixtures.surroundings
) throws(InputError) -> Inventory {
    let manifest = try KubeOneManifest(parsing: manifest, file: "kubeone.yaml")
    var output: TerraformOutput?
    if let terraform { output = try TerraformOutput(parsing: Array(terraform.utf8), file: "output.json") }
    return try Inventory.resolve(manifest: manifest, terraform: output, surroundings: surroundings)
}
