internal import ArgumentParser
internal import Manifest
internal import Reconciliation

/// `-m` and `-t`: what the operator declares.
struct InputOptions: ParsableArguments {
    @Option(
        name: [.customShort("m"), .long],
        help: ArgumentHelp("Path of the KubeOneCluster manifest.", valueName: "file"))
    var manifest = "./kubeone.yaml"

    @Option(
        name: [.customShort("t"), .long],
        help: ArgumentHelp("Terraform output as JSON: a file, or - for standard input.", valueName: "file"))
    var tfjson: String?

    /// Reads both; touches no host.
    func read() throws -> Declaration {
        let manifest = try KubeOneManifest(contentsOf: manifest)
        let terraform = try tfjson.map { try TerraformOutput(contentsOf: $0) }
        return Declaration(
            inventory: try Inventory.resolve(manifest: manifest, terraform: terraform), encryption: manifest.encryption)
    }
}

/// What the inputs say.
struct Declaration: Sendable {
    let inventory: Inventory
    let encryption: KubeOneManifest.Encryption

    /// The wish, with the flags of this run.
    ///
    /// - Throws: `CannotRotate`, `CustomNotSupported`.
    func desired(rotate: Bool) throws -> DesiredEncryption {
        switch encryption {
        case .disabled:
            if rotate { throw CannotRotate.disabled }
            return .disabled
        case .managed:
            return .managed(rotate: rotate)
        case .custom:
            if rotate { throw CannotRotate.custom }
            throw CustomNotSupported()
        }
    }
}

/// Why a key cannot be replaced; KubeOne's words.
enum CannotRotate: Error, CustomStringConvertible {
    case disabled
    case custom

    var description: String {
        switch self {
        case .disabled:
            "encryption Providers support is not enabled for this cluster: the manifest does not enable it, so there is no "
                + "key to rotate"
        case .custom:
            "key rotation of custom providers file is not supported: change the configuration in the manifest instead"
        }
    }
}

/// The manifest asks for what this version cannot do.
struct CustomNotSupported: Error, CustomStringConvertible {
    let description = """
        the manifest has a customEncryptionConfiguration, which this version of atrest does not carry out yet; only \
        managed encryption (enable: true or false) is
        """
}
