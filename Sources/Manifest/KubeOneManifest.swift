internal import YAML

/// The operator's KubeOneCluster manifest, as far as atrest reads it; its other fields are KubeOne's business.
package struct KubeOneManifest: Sendable {
    /// As the operator named it.
    package let file: String
    package let apiVersion: APIVersion
    /// Nil where only Terraform gives one.
    package let name: String?
    package let kubernetesVersion: String?
    package let apiEndpoint: APIEndpoint
    package let hosts: [DeclaredHost]
    package let encryption: Encryption
    /// Where that is said; the file as a whole where nothing is.
    package let encryptionPlace: Place

    package enum APIVersion: String, Sendable {
        case v1beta1 = "kubeone.io/v1beta1"
        case v1beta2 = "kubeone.k8c.io/v1beta2"
        case v1beta3 = "kubeone.k8c.io/v1beta3"

        static let list = "\(Self.v1beta1.rawValue), \(Self.v1beta2.rawValue) and \(Self.v1beta3.rawValue)"
    }

    /// The text of a manifest.
    ///
    /// - Throws: everything that is wrong with it.
    package init(parsing text: String, file: String) throws(InputError) {
        var findings = Findings(file: file)
        let root = try Self.root(of: text, file: file)
        guard let fields = Fields(root, "the manifest", &findings) else { throw findings.error }
        apiVersion = try Self.apiVersion(in: fields, &findings)
        self.file = file
        fields.refuseMisspelt(["name", "versions", "apiEndpoint", "controlPlane", "features"], &findings)
        name = fields.value("name", &findings, ClusterName.init)?.text
        let versions = fields.fields("versions", nil, &findings)
        kubernetesVersion = versions?.string("kubernetes", &findings)
        let endpoint = fields.fields("apiEndpoint", nil, &findings)
        apiEndpoint = APIEndpoint(
            host: endpoint?.value("host", &findings, HostAddress.init),
            port: endpoint?.port("port", &findings) ?? APIEndpoint.defaultPort)
        hosts = Self.hosts(in: fields, &findings)
        let providers = Self.encryptionProviders(in: fields, &findings)
        encryption = providers.map { Self.encryption(in: $0, text: text, &findings) } ?? .disabled
        encryptionPlace = providers?["enable"].map { Place(file: file, mark: $0.start) } ?? Place(file: file)
        try findings.check()
    }

    /// The document that declares the cluster; what else stands in the file, behind `---`, is for others.
    private static func root(of text: String, file: String) throws(InputError) -> Node {
        let documents: [Node]
        do throws(YAMLError) {
            documents = try Node.parseAll(text).filter { !$0.isNull }
        } catch {
            let place = Place(file: file, line: error.line, column: error.column)
            let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            let isTemplate = lines.indices.contains(error.line - 1) && lines[error.line - 1].contains("{{")
            let advice = isTemplate ? "; the line holds a template, {{ … }}: render it first" : ""
            throw InputError([Problem("this is not YAML: \(error.problem)\(advice)", at: place)])
        }
        let clusters = documents.filter { $0["kind"]?.scalar == "KubeOneCluster" }
        guard clusters.count <= 1 else {
            let text = "a second KubeOneCluster begins here; a manifest declares one cluster"
            throw InputError([Problem(text, at: Place(file: file, mark: clusters[1].start))])
        }
        if let root = clusters.first ?? documents.first { return root }
        let text = "the file is empty; it should hold a KubeOneCluster manifest"
        throw InputError([Problem(text, at: Place(file: file))])
    }

    /// Another version's fields mean other things, so nothing else is read where it is not accepted.
    private static func apiVersion(
        in fields: Fields, _ findings: inout Findings
    ) throws(InputError) -> APIVersion {
        let accepted = APIVersion.list
        if let kind = fields.string("kind", &findings), kind != "KubeOneCluster" {
            let mark = fields["kind"]?.start ?? fields.start
            findings.add("kind \(kind.quoted) is not accepted; expected KubeOneCluster", at: mark)
        }
        guard let node = fields["apiVersion"] else {
            findings.add("there is no apiVersion; accepted are \(accepted)", at: fields.start)
            throw findings.error
        }
        let text = fields.string("apiVersion", &findings)
        if !fields.has("kind") {
            findings.add("there is no kind; expected KubeOneCluster", at: fields.start)
        }
        if let text, let version = APIVersion(rawValue: text) {
            try findings.check()
            return version
        }
        if let text {
            let advice =
                text == "kubeone.io/v1alpha1"
                ? ": kubeone config migrate, of KubeOne 1.0 to 1.3, brings it up to date" : ""
            findings.add("apiVersion \(text.quoted) is not accepted; accepted are \(accepted)\(advice)", at: node.start)
        }
        throw findings.error
    }
}

/// The address of the cluster's Kubernetes API.
package struct APIEndpoint: Hashable, Sendable {
    static let defaultPort = 6443

    /// Nil for the first host's public address.
    package let host: HostAddress?
    package let port: Int
}

/// A cluster's name as KubeOne accepts it.
struct ClusterName {
    let text: String

    init(_ text: String) throws(Refusal) {
        let isName = text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.unicodeScalars.allSatisfy { ("a"..."z" ~= $0) || ("0"..."9" ~= $0) || $0 == "-" }
        }
        guard isName else {
            throw Refusal("is not a cluster name: lower-case letters, digits, \"-\" and \".\" are accepted")
        }
        self.text = text
    }
}
