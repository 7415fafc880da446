import ControlPlane
import Foundation
import Manifest
import Reconciliation
import Testing

@testable import AtRestCommands

/// What others wrote, garbled; `scripts/fuzz` is the long form.
@Suite(.serialized) struct MutatedInputTests {
    @Test(
        "garbled inputs => read, or refused with a message, without using up time or memory", arguments: Reader.allCases
    )
    func mutated(reader: Reader) throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["ATREST_FUZZ_SEED"].flatMap(UInt64.init) ?? 1
        let record = environment["ATREST_FUZZ_RECORD"].map { URL(filePath: $0) }
        let seeds = try reader.seeds()
        #expect(try seeds.contains { try reader.refusal(of: $0) == nil })
        var mutator = Mutator(seed: seed, seeds: seeds)
        var refused = 0
        let count = environment["ATREST_FUZZ_CASES"].flatMap(Int.init) ?? 300
        for number in 0..<count {
            let input = mutator.next()
            // A crash leaves the input behind that it came from.
            if let record { try Data(input).write(to: record) }
            let began = Self.processorTime()
            let refusal = try reader.refusal(of: input)
            let took = Self.processorTime() - began
            if let refusal { refused += refusal.isEmpty ? 0 : 1 }
            if refusal?.isEmpty == true || took > 1 {
                Issue.record("\(reader), seed \(seed), input \(number): \(took) s, \(refusal ?? "read")")
            }
        }
        // The mutator neither breaks everything nor leaves everything whole.
        #expect(refused > count / 10 && refused < count)
        if record != nil {
            let peak = try #require(try Self.peakMemory())
            #expect(peak < 200 << 10, "\(peak) KiB")
        }
    }

    /// Of this thread, in seconds: another process that is busy costs none.
    private static func processorTime() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The largest this process ever was, in KiB.
    private static func peakMemory() throws -> Int? {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        return status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            .flatMap { $0.split(separator: " ").compactMap { Int($0) }.first }
    }
}

/// What reads texts that atrest did not write.
enum Reader: CaseIterable {
    case manifest
    case terraformOutput
    case encryptionConfiguration
    case staticPod

    private static let package = (#filePath as String).replacing(#/Tests\/.*/#, with: "")

    func seeds() throws -> [[UInt8]] {
        let manifests = ["examples", "Tests/ManifestTests/Fixtures/manifests"]
        switch self {
        case .manifest: return try Self.files(in: manifests, and: "manifests", ending: ".yaml")
        case .terraformOutput:
            return try Self.files(
                in: ["examples", "Tests/ManifestTests/Fixtures/terraform"], and: "terraform", ending: ".json")
        case .encryptionConfiguration:
            return try Self.files(in: manifests, and: nil, ending: ".yaml").compactMap { bytes in
                let manifest = try KubeOneManifest(parsing: String(decoding: bytes, as: UTF8.self), file: "")
                guard case .custom(let custom) = manifest.encryption else { return nil }
                return Array(custom.text.utf8)
            }.filter { try refusal(of: $0) == nil }
        case .staticPod:
            return try Self.files(in: ["Tests/ControlPlaneTests/Fixtures/StaticPod"], and: nil, ending: ".yaml")
                .filter { !String(decoding: $0, as: UTF8.self).contains("ClusterConfiguration") }
        }
    }

    /// Why an input is not accepted; nil where it is.
    func refusal(of bytes: [UInt8]) throws -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            switch self {
            case .manifest:
                let manifest = try KubeOneManifest(parsing: text, file: "kubeone.yaml")
                // A manifest may leave hosts and wish to others.
                _ = try? Declaration(manifest: manifest, terraform: nil)
            case .terraformOutput:
                let manifest = try KubeOneManifest(
                    parsing: "apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\nname: k1\n",
                    file: "kubeone.yaml")
                _ = try Declaration(
                    manifest: manifest, terraform: try TerraformOutput(parsing: bytes, file: "output.json"))
            case .encryptionConfiguration:
                _ = try EncryptionConfigurationFile(wish: text, label: "the custom configuration")
            case .staticPod:
                let manifest = try StaticPodManifest(text, file: "kube-apiserver.yaml")
                _ = try manifest.patched(encryptionConfigurationPath: "/etc/x/y.yaml", digest: "00", kmsSockets: [])
                _ = try manifest.unpatched()
            }
            return nil
        } catch {
            // A message says which input it is about; what Swift prints of an error that has none begins with its type.
            let message = "\(error)"
            return message.first?.isUppercase == true ? "" : message
        }
    }

    /// The package's own files, and those of a public corpus where it lies beside the package.
    private static func files(in folders: [String], and corpus: String?, ending: String) throws -> [[UInt8]] {
        let root = ProcessInfo.processInfo.environment["ATREST_CORPUS"] ?? package + "../shared/corpus"
        var paths = folders.map { package + $0 }
        if let corpus, FileManager.default.fileExists(atPath: "\(root)/\(corpus)") { paths.append("\(root)/\(corpus)") }
        return try paths.flatMap { path in
            try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter { $0.hasSuffix(ending) }
                .map { [UInt8](try Data(contentsOf: URL(filePath: "\(path)/\($0)"))) }
        }
    }
}
