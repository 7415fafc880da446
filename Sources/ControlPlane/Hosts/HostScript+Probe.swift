extension HostScript {
    /// Everything that is asked of a host, in one round trip.
    ///
    /// Whatever stands in a path that only the manifest names is asked for afterwards, by `files`: YAML is not read by a shell.
    package static let probe = frames + look + scan + host + kubelet + owned + end

    /// Kernel, system, room on the disks.
    private static let host = #"""
        { IFS= read -r kernel < "$proc/sys/kernel/osrelease"; } 2>/dev/null || kernel=
        frame kernel "$kernel"
        look /etc/os-release
        for path in /etc/kubernetes /var/lib/atrest /var/lib; do
            space=$(stat -f -c '%a %S' -- "$atrest_root$path" 2>/dev/null) || continue
            frame space "$path"
            frame space.free "$space"
        done
        scan
        printf '%s' "$picture"

        """#

    /// etcd's quota, the size of its write-ahead log and the room for its database; the kubelet, where it takes static pods from, and the ones that speak of a kube-apiserver.
    ///
    /// A process' name is anybody's to choose, so only root's on the host itself count, and nothing that they name is run.
    private static let kubelet = #"""
        # look_at_etcd DIRECTORY: a member by its process; what it stores stands in its own container.
        look_at_etcd() {
            # A flag stands behind the environment's variable and wins.
            settings=$({
                tr '\0' '\n' < "$1/environ" | sed -n -e 's/^ETCD_QUOTA_BACKEND_BYTES=/--quota-backend-bytes=/p' \
                    -e 's/^ETCD_DATA_DIR=/--data-dir=/p' -e 's/^ETCD_WAL_DIR=/--wal-dir=/p'
                tr '\0' '\n' < "$1/cmdline"
            } 2>/dev/null)
            frame etcd.quota "$(setting quota-backend-bytes)"
            data=$(setting data-dir)
            log=$(setting wal-dir)
            frame etcd.log "$(stat -c %s -- "$1/root${log:-$data/member/wal}"/*.wal 2>/dev/null)"
            frame etcd.space "$(stat -f -c '%a %S' -- "$1/root$data/member/snap" 2>/dev/null)"
        }
        setting() {
            printf '%s\n' "$settings" | sed -n -e "s/^--\{0,1\}$1=//p" -e "/^--\{0,1\}$1\$/{n;p;}" | tail -n 1
        }
        is_of_host() {
            in_host_network "$1" && grep -q '^Uid:[[:space:]]0[[:space:]]0[[:space:]]0[[:space:]]0$' "$1/status" 2>/dev/null &&
                ! grep -q kubepods "$1/cgroup" 2>/dev/null
        }
        kubelet=
        for directory in "$proc"/[0-9]*; do
            { IFS= read -r name < "$directory/comm"; } 2>/dev/null || continue
            case $name in
            etcd) if in_host_network "$directory"; then look_at_etcd "$directory"; fi ;;
            kubelet) if is_of_host "$directory"; then kubelet=$directory; fi ;;
            k3s* | rke2* | k0s* | kubelite) if is_of_host "$directory"; then frame distribution "$name"; fi ;;
            esac
        done
        words=
        if [ -n "$kubelet" ]; then
            frame kubelet "${kubelet##*/}"
            words=$(tr '\0' '\n' < "$kubelet/cmdline")
        fi
        option() { printf '%s\n' "$words" | sed -n -e "s/^--$1=//p" -e "/^--$1\$/{n;p;}" | tail -n 1; }
        manifests=$(option pod-manifest-path)
        if [ -z "$manifests" ]; then
            settings=$(option config)
            settings=${settings:-/var/lib/kubelet/config.yaml}
            drop_ins=$(option config-dir)
            set -- "$atrest_root$settings"
            if [ -n "$drop_ins" ]; then set -- "$@" "$atrest_root$drop_ins"/*.conf; fi
            manifests=$(sed -n \
                's/^[[:space:]{]*["'\'']\{0,1\}staticPodPath["'\'']\{0,1\}[[:space:]]*:[[:space:]]*["'\'']\{0,1\}\([^"'\'',#}]*[^"'\'',#}[:space:]]\).*/\1/p' \
                "$@" 2>/dev/null | tail -n 1)
            if [ -z "$manifests" ] && [ ! -e "$atrest_root$settings" ]; then manifests=/etc/kubernetes/manifests; fi
        fi
        frame manifests "$manifests"
        if [ -n "$manifests" ]; then
            for path in "$atrest_root$manifests"/*; do
                [ -f "$path" ] || continue
                frame manifests.entry "${path##*/}"
                if grep -q kube-apiserver -- "$path"; then
                    look "${path#"$atrest_root"}"
                    frame manifests.candidate "${path#"$atrest_root"}"
                fi
            done
        fi

        """#

    /// The files that atrest writes, and those that kubeadm puts in the same place on every host.
    private static let owned = #"""
        configurations=/etc/kubernetes/encryption-providers
        for path in "$configurations" "$configurations/encryption-providers.yaml" \
            "$configurations/custom-encryption-providers.yaml" \
            /var/lib/atrest /var/lib/atrest/record /var/lib/atrest/rollback/facts \
            /var/lib/atrest/rollback/configuration /var/lib/atrest/rollback/manifest \
            /etc/kubernetes/admin.conf /etc/kubernetes/super-admin.conf /etc/kubernetes/pki/ca.crt \
            /etc/kubernetes/pki/etcd/ca.crt /etc/kubernetes/pki/apiserver-etcd-client.crt \
            /etc/kubernetes/pki/apiserver-etcd-client.key; do
            look "$path"
        done
        for path in "$atrest_root$configurations"/.atrest-* "$atrest_root${manifests%/*}"/.atrest-* "$atrest_root"/var/lib/atrest/.atrest-*; do
            if [ -e "$path" ]; then frame leftover "${path#"$atrest_root"}"; fi
        done

        """#
}
