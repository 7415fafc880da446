extension HostProbe {
    /// The kubeconfig that speaks for the cluster's administrator.
    package var adminKubeconfig: SecretBytes? { content("/etc/kubernetes/admin.conf") }

    /// The one that is beyond RBAC, from Kubernetes 1.29; to be used only after a 403.
    package var superAdminKubeconfig: SecretBytes? { content("/etc/kubernetes/super-admin.conf") }

    /// The cluster's certificate authority.
    package var authority: SecretBytes? { content("/etc/kubernetes/pki/ca.crt") }

    /// Tells this cluster from another one: the SHA-256 of the certificate authority's file.
    package var authorityDigest: String? { files["/etc/kubernetes/pki/ca.crt"]?.digest }

    /// What the API server talks to etcd with; nil where its flags name none, or a file is missing.
    package var etcdCredentials: EtcdCredentials? {
        guard let pod, let authority = pod.flags.etcdAuthority, let certificate = pod.flags.etcdCertificate,
            let key = pod.flags.etcdKey, let authority = content(pod.hostPath(of: authority)),
            let certificate = content(pod.hostPath(of: certificate)),
            let key = content(pod.hostPath(of: key))
        else { return nil }
        return EtcdCredentials(authority: authority, certificate: certificate, key: key)
    }
}

/// PEM files that open etcd's client port.
package struct EtcdCredentials: Sendable {
    package let authority: SecretBytes
    package let certificate: SecretBytes
    package let key: SecretBytes
}
