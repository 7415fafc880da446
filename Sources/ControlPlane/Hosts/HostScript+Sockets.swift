extension HostScript {
    /// What stands at each of the sockets in `atrest_sockets`, one a line, and whether somebody accepts a connection there.
    ///
    /// util-linux's logger connects to a socket before it reads its input, and sends nothing where there is none. Where it is
    /// another's logger, nobody can tell. For names in the abstract namespace the kernel's table says who listens.
    static let sockets =
        frames + #"""
            can_connect=
            if logger --help 2>/dev/null | grep -q -e --socket-errors; then can_connect=yes; fi
            find_out() {
                case $1 in
                @*)
                    sed -n 's/^[^ ]* [^ ]* [^ ]* 00010000 [^ ]* [^ ]* *[0-9]* //p' "$proc/net/unix" 2>/dev/null |
                        grep -qxFe "$1" && return
                    finding='nobody listens there'
                    return
                    ;;
                esac
                path=$atrest_root$1
                if [ ! -e "$path" ]; then
                    finding='there is nothing'
                elif [ ! -S "$path" ]; then
                    finding='that is no socket'
                elif [ -n "$can_connect" ]; then
                    timeout 10 logger --socket-errors=on --tcp --socket "$path" < /dev/null 2>/dev/null ||
                        finding='nobody listens there'
                fi
            }
            IFS=$newline
            set -f
            for socket in $atrest_sockets; do
                IFS=$ifs
                finding=
                find_out "$socket"
                frame socket "$socket"
                frame socket.finding "$finding"
            done

            """# + end
}
