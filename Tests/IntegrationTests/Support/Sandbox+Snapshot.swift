import FoundationEssentials

/// Backups of etcd, taken and brought back as docs/runbooks/restore.md says.
extension Sandbox {
    /// Saves what etcd holds to a file on every host, and returns its path there.
    static func saveSnapshot() async throws -> String {
        let name = "snapshot-\(UInt64.random(in: .min ... .max)).db"
        _ = try await etcdctl("snapshot save /tmp/\(name)")
        for host in hosts.dropFirst() {
            try FileManager.default.copyItem(
                atPath: "\(state)/hosts/cp1/tmp/\(name)", toPath: "\(state)/hosts/\(host)/tmp/\(name)")
        }
        return "/tmp/\(name)"
    }

    /// Makes etcd what it was: every API server and every member is stopped, and started with the snapshot.
    ///
    /// Returns once every API server answers, however it is.
    static func restore(_ snapshot: String) async throws {
        let cluster = zip(hosts, addresses).map { "\($0)=https://\($1):2380" }.joined(separator: ",")
        try await onEachHost { host, _ in
            """
            mkdir /root/stopped
            cd /etc/kubernetes/manifests
            mv kube-apiserver.yaml etcd.yaml /root/stopped/
            while cat /proc/[0-9]*/comm 2>/dev/null | grep -qx -e kube-apiserver -e etcd; do sleep 0.2; done
            """
        }
        try await onEachHost { host, address in
            """
            etcdctl snapshot restore \(snapshot) --name \(host) --initial-cluster \(cluster) \
                --initial-cluster-token restored-\(snapshot.filter(\.isNumber)) \
                --initial-advertise-peer-urls https://\(address):2380 --data-dir /var/lib/etcd/restored 2>&1
            rm -rf /var/lib/etcd/member
            mv /var/lib/etcd/restored/member /var/lib/etcd/member
            rmdir /var/lib/etcd/restored
            rm \(snapshot)
            """
        }
        try await onEachHost { _, _ in
            """
            mv /root/stopped/* /etc/kubernetes/manifests/
            rmdir /root/stopped
            """
        }
        for (host, address) in zip(hosts, addresses) {
            try await waitUntil("the API server of \(host) answers") {
                let checks = try await onHost(
                    host, "kubectl --server https://\(address):6443 get --raw '/readyz?verbose' 2>&1 || true")
                return checks.contains("ping ok") && !checks.contains("[-]poststarthook")
            }
        }
    }
}
