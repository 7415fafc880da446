extension HostScript {
    /// `scan`: every process that may be a kube-apiserver as frames in `picture`, and a short form of it in `signature`.
    ///
    /// Which of them belong to this control plane is decided by the reader. A process that ends while it is looked at is left
    /// out. `in_host_network DIR` tells whether a process shares the network that this shell sees.
    static let scan = #"""
        in_host_network() { [ "$1/ns/net" -ef "$proc/self/ns/net" ]; }
        add() { picture="$picture$1 ${#2}$newline$2$newline"; }
        scan() {
            picture= signature=
            listeners=$(sed -n 's/^ *[0-9]*: [0-9A-F]*:\([0-9A-F]\{4\}\) [0-9A-F]*:[0-9A-F]* 0A [^ ]* [^ ]* [^ ]* *[0-9]* *[0-9]* \([0-9]*\) .*/\1:\2/p' \
                "$proc/net/tcp" "$proc/net/tcp6" 2>/dev/null)
            for directory in "$proc"/[0-9]*; do
                { IFS= read -r name < "$directory/comm"; } 2>/dev/null || continue
                case $name in kube-apiserver | hyperkube | apiserver) ;; *) continue ;; esac
                in_host_network "$directory" || continue
                { IFS= read -r stat < "$directory/stat"; } 2>/dev/null || continue
                words=$(base64 -w 0 "$directory/cmdline" 2>/dev/null) || continue
                [ -n "$words" ] || continue
                groups=$(cat "$directory/cgroup" 2>/dev/null) || continue
                sockets=$newline$(ls -l "$directory/fd" 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]$/\1/p')$newline
                ports=
                for listener in $listeners; do
                    case $sockets in *"$newline${listener#*:}$newline"*) ports="$ports ${listener%%:*}" ;; esac
                done
                start=${stat##*) }
                set -- $start
                signature="$signature${directory##*/}:${20}:$ports "
                add process "${directory##*/}"
                add process.start "${20}"
                add process.words "$words"
                add process.cgroup "$groups"
                add process.ports "$ports"
            done
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
