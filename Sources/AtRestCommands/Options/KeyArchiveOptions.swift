internal import ArgumentParser
internal import ControlPlane
internal import FoundationEssentials
internal import Manifest

/// Where a copy of every key is kept, and who can open it.
struct KeyArchiveOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Keep a copy of every key in this directory, encrypted to the recipients. Also: ATREST_KEY_ARCHIVE, or "
                + "keyArchive in ~/.config/atrest/config.yaml.", valueName: "dir"),
        completion: .directory)
    var keyArchive: String?

    @Option(
        help: ArgumentHelp(
            "A certificate in PEM whose private key opens the archive; may be repeated. Also: "
                + "ATREST_KEY_ARCHIVE_RECIPIENT (with colons between), or keyArchiveRecipients in the same file.",
            valueName: "cert"),
        completion: .file())
    var keyArchiveRecipient: [String] = []

    /// The archive of this process's environment, now.
    func archive() throws -> KeyArchive? {
        try archive(
            environment: ProcessInfo.processInfo.environment, now: Int(Date().timeIntervalSince1970))
    }

    /// The archive that flags, environment and configuration file name, in this order; nil where they name none.
    ///
    /// `now` is seconds since 1970.
    ///
    /// - Throws: `ValidationError` where half of it is missing; `InputError`; `UnsuitableRecipient`.
    func archive(environment: [String: String], now: Int) throws -> KeyArchive? {
        let configured = try OperatorConfiguration(environment: environment)
        let directory = keyArchive ?? environment["ATREST_KEY_ARCHIVE"].flatMap(\.nonEmpty) ?? configured.keyArchive
        let named = environment["ATREST_KEY_ARCHIVE_RECIPIENT"].map { $0.split(separator: ":").map(String.init) } ?? []
        let recipients = [keyArchiveRecipient, named, configured.keyArchiveRecipients].first { !$0.isEmpty } ?? []
        guard let directory else {
            if recipients.isEmpty { return nil }
            throw ValidationError(
                "The key archive has a recipient, \(recipients[0]), and no directory: add --key-archive DIR, "
                    + "ATREST_KEY_ARCHIVE, or keyArchive in ~/.config/atrest/config.yaml.")
        }
        guard !recipients.isEmpty, !directory.isEmpty else {
            throw ValidationError(
                "The key archive \"\(directory)\" has no recipient, so nobody could open it: add --key-archive-recipient "
                    + "CERT.pem, ATREST_KEY_ARCHIVE_RECIPIENT, or keyArchiveRecipients in ~/.config/atrest/config.yaml."
            )
        }
        return KeyArchive(
            directory: directory, recipients: try recipients.map { try ArchiveRecipient(contentsOf: $0, now: now) })
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
