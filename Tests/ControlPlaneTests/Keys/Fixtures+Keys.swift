import ControlPlane

/// The reference's own examples, and secrets that are easy to recognise.
enum Sample {
    static let secret = "6utsip/8CJ1GFQpM6iWq4oL2z2g8tJ5UkGbIgkSWAAc="
    static let otherSecret = "lsn9B5vaIePTsbH2cxxzB0EfbBIZkYplC1fwfiNksJo="

    static func file(_ providers: String) -> String {
        """
        apiVersion: apiserver.config.k8s.io/v1
        kind: EncryptionConfiguration
        resources:
        - providers:
        \(providers)
          resources:
          - secrets

        """
    }

    static let managed = file(
        """
          - aescbc:
              keys:
              - name: kubeone-xkau31
                secret: \(secret)
          - identity: {}
        """)

    static func text(_ bytes: SecretBytes) -> String {
        unsafe bytes.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension EncryptionConfigurationFile {
    /// A live file with this text.
    init(text: String, label: String) throws {
        try self.init(SecretBytes(text.utf8), label: label)
    }
}
