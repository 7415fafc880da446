import ControlPlane
import Foundation
import Manifest
import Reconciliation

@testable import AtRestCommands

/// What reads texts that atrest did not write.
enum GarbledReader: String, CaseIterable, Codable {
    case manifest
    case terraformOutput
    case encryptionConfiguration
    case staticPod
    case kubeadmConfiguration

    private static let package = (#filePath as String).replacing(#/Tests\/.*/#, with: "")

    /// What its messages call the input.
    var names: [String] {
        switch self {
        // What one of the two does not say the other would have to.
        case .manifest, .terraformOutput: ["kubeone.yaml", "output.json"]
        case .encryptionConfiguration: ["encryption.yaml"]
        case .staticPod: ["kube-apiserver.yaml"]
        case .kubeadmConfiguration: ["kubeadm-config"]
        }
    }

    func seeds() throws -> [[UInt8]] {
        let manifests = ["examples", "Tests/ManifestTests/Fixtures/manifests"]
        let pods = "Tests/ControlPlaneTests/Fixtures/StaticPod"
        switch self {
        case .manifest: return try Self.files(in: manifests, and: "manifests", ending: ".yaml")
        case .terraformOutput:
            return try Self.files(
                in: ["examples", "Tests/ManifestTests/Fixtures/terraform"], and: "terraform", ending: ".json")
        case .encryptionConfiguration:
            return try Self.files(in: manifests, ending: ".yaml").compactMap { bytes in
                // Some of them are templates.
                let manifest = try? KubeOneManifest(parsing: String(decoding: bytes, as: UTF8.self), file: "")
                guard case .custom(let custom)? = manifest?.encryption else { return nil }
                return Array(custom.text.utf8)
            }
        case .staticPod: return try Self.files(in: [pods], ending: ".yaml").filter { !Self.isForKubeadm($0) }
        case .kubeadmConfiguration: return try Self.files(in: [pods], ending: ".yaml").filter(Self.isForKubeadm)
        }
    }

    /// Why an input is not accepted; nil where it is.
    func refusal(of bytes: [UInt8]) throws -> String? {
        do {
            try read(bytes)
            return nil
        } catch let error as any CustomStringConvertible {
            return error.description
        }
    }

    private func read(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        let path = "/etc/x/y.yaml"
        let sockets = [KMSSocket.path("/run/kms/a"), .path("/run/b"), .abstract("@c")]
        switch self {
        case .manifest:
            let manifest = try KubeOneManifest(parsing: text, file: "kubeone.yaml")
            let host =
                #"{"kubeone_hosts": {"value": {"control_plane": {"cluster_name": "k", "public_address": ["a"]}}}}"#
            let terraform = try TerraformOutput(parsing: Array(host.utf8), file: "output.json")
            _ = try Declaration(manifest: manifest, terraform: manifest.hosts.isEmpty ? terraform : nil)
        case .terraformOutput:
            let manifest = try KubeOneManifest(
                parsing: "apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\nname: k1\n", file: "kubeone.yaml")
            let terraform = try TerraformOutput(parsing: bytes, file: "output.json")
            _ = try Declaration(manifest: manifest, terraform: terraform)
        case .encryptionConfiguration:
            _ = try EncryptionConfigurationFile(SecretBytes(bytes), label: "encryption.yaml")
            _ = try EncryptionConfigurationFile(wish: text, label: "encryption.yaml")
        case .staticPod:
            let manifest = try StaticPodManifest(text, file: "kube-apiserver.yaml")
            _ = try manifest.patched(encryptionConfigurationPath: path, digest: "00", kmsSockets: sockets)
            _ = try manifest.unpatched()
        case .kubeadmConfiguration:
            let configuration = try KubeadmClusterConfiguration(text)
            _ = configuration.record(encryptionConfigurationPath: path, kmsSockets: sockets)
            _ = try configuration.patched(encryptionConfigurationPath: path, kmsSockets: sockets)
            _ = try configuration.unpatched()
        }
    }

    private static func isForKubeadm(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains("ClusterConfiguration")
    }

    /// The package's own files, and those of a public corpus where it lies beside the package.
    private static func files(in folders: [String], and corpus: String? = nil, ending: String) throws -> [[UInt8]] {
        let root = ProcessInfo.processInfo.environment["ATREST_CORPUS"] ?? package + "../shared/corpus"
        var paths = folders.map { package + $0 }
        if let corpus, FileManager.default.fileExists(atPath: "\(root)/\(corpus)") { paths.append("\(root)/\(corpus)") }
        return try paths.flatMap { path in
            try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter { $0.hasSuffix(ending) }
                .map { [UInt8](try Data(contentsOf: URL(filePath: "\(path)/\($0)"))) }
        }
    }
}
