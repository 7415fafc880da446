extension HostScript {
    /// `scan`: every process that may be a kube-apiserver as frames in `picture`, and a short form of it in `signature`.
    ///
    /// Which of them belong to this control plane is decided by the reader. A process that ends while it is looked at is left
    /// out. Where neither the processes nor who listens has changed since the last scan, that one still holds, unless a process
    /// was just beginning or ending then.
    /// `in_host_network DIR` tells whether a process shares the network that this shell sees.
    static let scan = #"""
        scanned=
        in_host_network() { [ "$1/ns/net" -ef "$proc/self/ns/net" ]; }
        add() { picture="$picture$1 ${#2}$newline$2$newline"; }
        add_server() {
            in_host_network "$1" || return 0
            if ! { IFS= read -r stat < "$1/stat" && words=$(base64 -w 0 "$1/cmdline") && [ -n "$words" ] &&
                groups=$(cat "$1/cgroup"); } 2>/dev/null; then
                scanned=
                return 0
            fi
            process=${1##*/}
            set -- "$1" ${stat##*) }
            # A name with a newline in it is nobody's but a stranger's.
            [ $# -gt 20 ] || return 0
            sockets=$(ls -l "$1/fd" 2>/dev/null)
            ports=
            for listener in $listeners; do
                case $sockets in *"socket:[${listener#*:}]"*) ports="$ports ${listener%%:*}" ;; esac
            done
            signature="$signature$process:${21}:$ports "
            add process "$process"
            add process.start "${21}"
            add process.words "$words"
            add process.cgroup "$groups"
            add process.ports "$ports"
        }
        scan() {
            servers=$(grep -s -H -x -e kube-apiserver -e hyperkube -e apiserver "$proc"/[0-9]*/comm)
            # The kernel names those who listen first, one before 4.4 with what is half open there, and all its connections after
            # them, which takes it 10 ms.
            listeners=$(
                for table in tcp tcp6; do
                    sed -n -e '/local_address/d' -e '/^ *[0-9]*: [0-9A-F:]* [0-9A-F:]* 0[3A] /!q' \
                        -e 's/^ *[0-9]*: [0-9A-F]*:\([0-9A-F]*\) [^ ]* 0A [^ ]* [^ ]* [^ ]* *[0-9]* *[0-9]* \([0-9]*\) .*/\1:\2/p' \
                        "$proc/net/$table" 2>/dev/null
                done
            )
            if [ "$scanned" = "$servers $listeners" ]; then return 0; fi
            scanned="$servers $listeners"
            picture= signature=
            IFS=$newline
            for server in $servers; do
                IFS=$ifs
                add_server "${server%%/comm:*}"
            done
            IFS=$ifs
            IFS= read -r boot < "$proc/sys/kernel/random/boot_id"
            add boot_id "$boot"
            add processes.signature "$signature"
        }

        """#

    /// Waits until the API server processes differ from `atrest_seen`, at most `atrest_polls` times a fifth of a second.
    package static let watch =
        frames + scan + #"""
            polls=0
            scan
            while [ "$signature" = "$atrest_seen" ] && [ "$polls" -lt "$atrest_polls" ]; do
                polls=$((polls + 1))
                sleep 0.2
                scan
            done
            printf '%s' "$picture"

            """# + end

    /// The end of the newest API server container's log, without anything that could be a key or an object's data.
    package static let log =
        frames + #"""
            newest=$(ls -t "$atrest_root"/var/log/pods/kube-system_kube-apiserver-*/kube-apiserver/*.log 2>/dev/null | head -n 1)
            if [ -n "$newest" ]; then
                frame log "$(tail -c 65536 -- "$newest" | tail -n 40 |
                    grep -v -e '"data"' -e '"stringData"' -e 'Body:' | cut -c 1-400 |
                    sed -e 's/Invalid value: "[^"]*"/Invalid value: <removed>/g' \
                        -e 's/secret:[[:space:]]*[^[:space:]]*/secret: <removed>/g' \
                        -e 's/[A-Za-z0-9+/]\{40,\}=*/<removed>/g' -e 's/[A-Za-z0-9+/]\{22,\}==*/<removed>/g' | tail -n 12)"
            fi

            """# + end
}
