internal import FoundationEssentials
package import Reconciliation
internal import YAML

/// The administrator's kubeconfig of a host, as far as a TLS connection needs it.
struct Kubeconfig {
    let identity: TLSIdentity

    /// Reads the current context's cluster and user; certificates and key must stand inline, as kubeadm writes them.
    ///
    /// - Throws: `UnusableKubeconfig`.
    init(_ content: SecretBytes, host: HostName, path: String) throws {
        let text = MaskedText(content, fields: ["client-key-data"])
        let root: Node?
        do {
            root = try Node.parse(String(decoding: text.bytes, as: UTF8.self))
        } catch {
            throw UnusableKubeconfig(host: host, path: path, problem: "\(error)")
        }
        let context = Self.entry("contexts", named: root?["current-context"]?.scalar, in: root)?["context"]
        let cluster = Self.entry("clusters", named: context?["cluster"]?.scalar, in: root)?["cluster"]
        let user = Self.entry("users", named: context?["user"]?.scalar, in: root)?["user"]
        guard let authority = cluster?["certificate-authority-data"]?.scalar.flatMap({ Data(base64Encoded: $0) }),
            let certificate = user?["client-certificate-data"]?.scalar.flatMap({ Data(base64Encoded: $0) }),
            let key = user?["client-key-data"]?.scalar.flatMap({ field in
                text.secret(field).map { SecretBytes(base64: $0) } ?? SecretBytes(base64: field.utf8)
            })
        else {
            throw UnusableKubeconfig(
                host: host, path: path,
                problem: "it has no inline certificate-authority-data, client-certificate-data and client-key-data")
        }
        identity = TLSIdentity(
            authority: Array(authority), certificate: Array(certificate), privateKey: key)
    }

    private static func entry(_ list: String, named name: String?, in root: Node?) -> Node? {
        guard let name else { return nil }
        return root?[list]?.sequence?.first { $0["name"]?.scalar == name }
    }
}

/// A kubeconfig that does not open the API.
package struct UnusableKubeconfig: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let path: String
    package let problem: String

    package var description: String { "\(host): \(path) cannot be used to reach the API: \(problem)" }
}
