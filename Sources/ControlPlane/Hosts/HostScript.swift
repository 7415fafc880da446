/// The shell text that runs on a host as root: POSIX sh with coreutils, grep and sed, dash included, and no here-documents.
///
/// Every text is constant. What it needs to know comes in shell variables that begin with `atrest_`; `atrest_root` goes before
/// every path (empty on a real host). What a script finds it prints as frames, which `Frames` reads.
package enum HostScript {
    /// Prints frames: a name, the value's length in bytes, the value.
    ///
    /// The transport has set `LC_ALL=C`, without which lengths would not count bytes. What may hold a NUL, or ends in newlines that
    /// matter, goes through base64.
    static let frames = #"""
        proc=$atrest_root/proc
        newline='
        '
        ifs=$IFS
        frame() { printf '%s %s\n%s\n' "$1" "${#2}" "$2"; }
        printf 'atrest-frames\n'

        """#

    /// The last line of every script that ran to its end.
    static let end = "printf 'atrest-end\\n'\n"

    /// `look`: what stands at the paths in `paths`, one a line, all in a few commands: on a small host each takes a millisecond.
    ///
    /// A regular file's content (its first MiB and one byte more) is not sent where its digest is in `atrest_known`. Attributes
    /// carry the paths; digests stand in the order of the regular files, and contents in that of the digests, one behind the
    /// other. A file that changes meanwhile shows by its digest.
    static let look = #"""
        look() {
            IFS=$newline
            set -f
            cd "$atrest_root/"
            set --
            for path in $paths; do
                frame file "$path"
                if [ -L "$atrest_root$path" ]; then frame file.link "$(readlink -f -- "$atrest_root$path")"; fi
                set -- "$@" "${path#/}"
            done
            attributes=$(stat -L -c '%a %u %g %s %F/%n' -- "$@" 2>/dev/null)
            frame files.attributes "$attributes"
            set --
            for line in $attributes; do
                case ${line%%/*} in *' regular file' | *' regular empty file') ;; *) continue ;; esac
                size=${line#* * * }
                if [ "${size%% *}" -le 1048576 ]; then set -- "$@" "${line#*/}"; fi
            done
            if [ $# -gt 0 ]; then
                digests=$(sha256sum -- "$@" 2>/dev/null)
                frame files.digests "$digests"
                for line in $digests; do
                    # Behind a backslash where the name has one.
                    digest=${line%% *}
                    case $atrest_known in *"${digest#\\}"*) ;; *) set -- "$@" "$1" ;; esac
                    shift
                done
            fi
            if [ $# -gt 0 ]; then frame files.contents "$(head -q -c 1048577 -- "$@" 2>/dev/null | base64 -w 0)"; fi
            set +f
            IFS=$ifs
        }

        """#

    /// Looks at the paths in `atrest_paths`, one a line.
    package static let files =
        frames + look + #"""
            paths=$atrest_paths
            look

            """# + end
}
