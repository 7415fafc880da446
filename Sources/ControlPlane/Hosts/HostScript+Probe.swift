extension HostScript {
    /// Everything that is asked of a host, in one round trip.
    ///
    /// Whatever stands in a path that only the manifest names is asked for afterwards, by `files`: YAML is not read by a shell.
    package static let probe = frames + look + scan + host + kubelet + owned + end

    /// Kernel, system, room on the disks.
    private static let host = #"""
        { IFS= read -r kernel < "$proc/sys/kernel/osrelease"; } 2>/dev/null || kernel=
        frame kernel "$kernel"
        cd "$atrest_root/"
        frame spaces "$(stat -f -c '%a %S/%n' -- etc/kubernetes var/lib/atrest var/lib 2>/dev/null)"
        scan
        printf '%s' "$picture"

        """#

    /// etcd's quota, the size of its write-ahead log and the room for its database; the kubelet, where it takes static pods from, and the ones that speak of a kube-apiserver.
    ///
    /// A process' name is anybody's to choose, so only root's on the host itself count, and nothing that they name is run.
    private static let kubelet = #"""
        # option WORDS FLAG [VARIABLE]: `value`, the last that a command line gives a flag, or the environment before it.
        option() {
            value=
            last=
            rest=$1$newline
            while [ -n "$rest" ]; do
                word=${rest%%"$newline"*}
                rest=${rest#*"$newline"}
                case $word in
                "--$2="* | "-$2="* | "${3:---$2}="*) value=${word#*=} ;;
                *) case $last in "--$2" | "-$2") value=$word ;; esac ;;
                esac
                last=$word
            done
        }
        # look_at_etcd DIRECTORY: a member by its process; what it stores stands in its own container.
        look_at_etcd() {
            settings=$(cat "$1/environ" "$1/cmdline" 2>/dev/null | tr '\0' '\n')
            option "$settings" quota-backend-bytes ETCD_QUOTA_BACKEND_BYTES
            frame etcd.quota "$value"
            option "$settings" data-dir ETCD_DATA_DIR
            data=$value
            option "$settings" wal-dir ETCD_WAL_DIR
            frame etcd.log "$(stat -c %s -- "$1/root${value:-$data/member/wal}"/*.wal 2>/dev/null)"
            frame etcd.space "$(stat -f -c '%a %S' -- "$1/root$data/member/snap" 2>/dev/null)"
        }
        is_of_host() {
            in_host_network "$1" && grep -q '^Uid:[[:space:]]0[[:space:]]0[[:space:]]0[[:space:]]0$' "$1/status" 2>/dev/null &&
                ! grep -q kubepods "$1/cgroup" 2>/dev/null
        }
        kubelet=
        IFS=$newline
        for process in $(grep -s -H -x -e etcd -e kubelet -e 'k3s.*' -e 'rke2.*' -e 'k0s.*' -e kubelite "$proc"/[0-9]*/comm); do
            IFS=$ifs
            directory=${process%%/comm:*}
            name=${process#*/comm:}
            case $name in
            etcd) if in_host_network "$directory"; then look_at_etcd "$directory"; fi ;;
            kubelet) if is_of_host "$directory"; then kubelet=$directory; fi ;;
            *) if is_of_host "$directory"; then frame distribution "$name"; fi ;;
            esac
        done
        IFS=$ifs
        words=
        if [ -n "$kubelet" ]; then
            frame kubelet "${kubelet##*/}"
            words=$(tr '\0' '\n' < "$kubelet/cmdline")
        fi
        option "$words" pod-manifest-path
        manifests=$value
        if [ -z "$manifests" ]; then
            option "$words" config
            settings=${value:-/var/lib/kubelet/config.yaml}
            option "$words" config-dir
            set -- "$atrest_root$settings"
            if [ -n "$value" ]; then set -- "$@" "$atrest_root$value"/*.conf; fi
            manifests=$(sed -n \
                's/^[[:space:]{]*["'\'']\{0,1\}staticPodPath["'\'']\{0,1\}[[:space:]]*:[[:space:]]*["'\'']\{0,1\}\([^"'\'',#}]*[^"'\'',#}[:space:]]\).*/\1/p' \
                "$@" 2>/dev/null)
            manifests=${manifests##*"$newline"}
            if [ -z "$manifests" ] && [ ! -e "$atrest_root$settings" ]; then manifests=/etc/kubernetes/manifests; fi
        fi
        frame manifests "$manifests"
        paths=/etc/os-release$newline
        if [ -n "$manifests" ]; then
            set --
            for path in "$atrest_root$manifests"/*; do
                [ -f "$path" ] || continue
                frame manifests.entry "${path##*/}"
                # A list has one a line.
                case $path in *"$newline"*) ;; *) set -- "$@" "$path" ;; esac
            done
            IFS=$newline
            set -f
            for path in $([ $# -eq 0 ] || grep -l -s -e kube-apiserver -- "$@"); do
                frame manifests.candidate "${path#"$atrest_root"}"
                paths=$paths${path#"$atrest_root"}$newline
            done
            set +f
            IFS=$ifs
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
            paths=$paths$path$newline
        done
        look
        for path in "$atrest_root$configurations"/.atrest-* "$atrest_root${manifests%/*}"/.atrest-* "$atrest_root"/var/lib/atrest/.atrest-*; do
            if [ -e "$path" ]; then frame leftover "${path#"$atrest_root"}"; fi
        done

        """#
}
