/// Holds the lock on a host until its input ends or is silent for too long.
///
/// `lock` is held with flock all along and says whose it is; it is never unlinked, for then two could hold it. `guard` is held
/// for moments: by each script that changes the host, and here while the record in `lock` changes. So a script that has begun
/// is waited for before the lock is let go, and none begins afterwards. Children get neither file: whoever outlives the holder
/// must not hold the lock.
let holderScript = """
    command -v flock >/dev/null || { echo 'the command flock (util-linux) is missing'; exit 1; }
    mkdir -p "$directory" && [ ! -L "$directory" ] && cd "$directory" || { echo "$directory cannot be written"; exit 1; }
    # Where others could write, they may have put a link that root would follow.
    [ "$(stat -c %u .)" = 0 ] && chmod go-w . || { echo "$directory is not owned by root"; exit 1; }
    for file in lock guard; do
        case $(stat -c %u:%h:%F "$file" 2>/dev/null) in
        '' | 0:1:regular*) ;;
        *) echo "$directory/$file is not what root alone can have put there: remove it"; exit 1 ;;
        esac
    done
    exec 9>>lock 8>>guard || { echo "$directory cannot be written"; exit 1; }
    if ! flock -n 9; then
        printf 'busy %s\\n' "$(head -n 1 lock)"
        exit 1
    fi
    if ! flock -w 30 8; then
        echo 'busy - - a script of an earlier run that is still at work'
        exit 1
    fi
    printf '%s %s %s\\n' "$run" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$owner" >lock
    flock -u 8
    echo held
    while [ -n "$(exec 8>&- 9>&-; exec timeout "$patience" dd bs=1 count=1 2>/dev/null)" ]; do :; done
    flock 8
    : >lock
    """

extension RemoteScript {
    /// How a guarded script ends where the lock is no longer its run's; no script of ours uses it for anything else.
    package static let lockLostStatus: Int32 = 75

    /// The script behind a check that the host's lock is still this run's, which it keeps so until it ends.
    func guarded(_ run: String, _ directory: String) -> RemoteScript {
        RemoteScript(
            Self.lockCheck + text,
            variables: variables.merging(["atrest_run": run, "atrest_lock": directory]) { $1 },
            payloads: payloads)
    }

    private static let lockCheck = """
        [ -f "$atrest_lock/guard" ] || exit 75
        exec 8>>"$atrest_lock/guard"
        flock -w 30 8 || exit 75
        atrest_holder=
        read -r atrest_holder atrest_rest <"$atrest_lock/lock" || exit 75
        [ "$atrest_holder" = "$atrest_run" ] || exit 75

        """
}
