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
        frame() { printf '%s %s\n%s\n' "$1" "${#2}" "$2"; }
        printf 'atrest-frames\n'

        """#

    /// The last line of every script that ran to its end.
    static let end = "printf 'atrest-end\\n'\n"

    /// `look PATH`: what stands there, with the content of a regular file (its first MiB and one byte more).
    static let look = #"""
        look() {
            frame file "$1"
            if [ -L "$atrest_root$1" ]; then frame file.link "$(readlink -f -- "$atrest_root$1")"; fi
            attributes=$(stat -L -c '%a %u %g %s %F' -- "$atrest_root$1" 2>/dev/null) || return 0
            frame file.attributes "$attributes"
            if [ -f "$atrest_root$1" ]; then
                frame file.content "$(head -c 1048577 -- "$atrest_root$1" | base64 -w 0)"
            fi
        }

        """#

    /// Looks at the paths in `atrest_paths`, one a line.
    package static let files =
        frames + look + #"""
            IFS=$newline
            set -f
            for path in $atrest_paths; do look "$path"; done

            """# + end
}
