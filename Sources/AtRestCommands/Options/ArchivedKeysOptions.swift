internal import ArgumentParser
internal import ControlPlane

/// Where keys are that no host has any more: for data from before a rotation or a disable, brought back from a backup of etcd.
struct ArchivedKeysOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take keys that stored objects need, and that are on no host any more, from this key archive; needs "
                + "--key-archive-key.", valueName: "dir"),
        completion: .directory)
    var withArchivedKeys: String?

    @Option(
        help: ArgumentHelp("A private key in PEM that opens it; needs --with-archived-keys.", valueName: "file"),
        completion: .file())
    var keyArchiveKey: String?

    func validate() throws {
        switch (withArchivedKeys, keyArchiveKey) {
        case (let directory?, nil):
            throw ValidationError(
                "--with-archived-keys \(directory) needs the private key that opens the archive: add --key-archive-key "
                    + "KEY.pem.")
        case (nil, let key?):
            throw ValidationError(
                "--key-archive-key \(key) opens a key archive, and none is given: add --with-archived-keys DIR.")
        default: break
        }
    }

    /// The files of a cluster, none of them opened yet; nil where the operator gives no archive.
    ///
    /// - Throws: `UnusableDecryptionKey`; `KeyArchiveError`; `NoKeysOfCluster`.
    func keys(of cluster: String) throws -> ArchivedKeys? {
        guard let withArchivedKeys, let keyArchiveKey else { return nil }
        return try ArchivedKeys(
            of: cluster, in: withArchivedKeys, privateKey: try DecryptionKey(contentsOf: keyArchiveKey))
    }
}
