extension HostScript {
    /// What every script that changes a host begins with; the lock's guard is in front of it.
    ///
    /// The first failure ends a script; what it left half-written is swept away by the trap, or by the next script after SIGKILL.
    /// Exit status: 81 the host is not what it was when it was looked at, 82 a path is not safe to write to.
    static let writes = #"""
        set -e
        if [ ! -d "$atrest_root/etc/kubernetes" ]; then (umask 022; mkdir -p -- "$atrest_root/etc/kubernetes"); fi
        # Directories without a link in their paths: what is checked below is what is written to, wherever a link leads later.
        state=$(readlink -f -- "$atrest_root/var/lib")/atrest
        copy=$state/rollback
        managed=$(readlink -f -- "$atrest_root/etc/kubernetes")/encryption-providers
        configurations=$(dirname -- "$atrest_root$atrest_configuration_path")
        if [ "$configurations" = "$atrest_root/etc/kubernetes/encryption-providers" ]; then
            configurations=$managed
        else
            configurations=$(readlink -f -- "$configurations")
        fi
        configuration=$configurations/${atrest_configuration_path##*/}
        manifest=
        staging=
        if [ -n "$atrest_manifest_path" ]; then
            manifests=$(readlink -f -- "$(dirname -- "$atrest_root$atrest_manifest_path")")
            manifest=$manifests/${atrest_manifest_path##*/}
            staging=$(dirname -- "$manifests")
        fi
        stop() {
            frame stopped "${3#"$atrest_root"}"
            frame stopped.reason "$2"
            exit "$1"
        }
        sweep() { rm -rf -- "$configurations"/.atrest-* "$state"/.atrest-* ${staging:+"$staging"/.atrest-*}; }

        # Only root may be able to plant anything where we write.
        guarded_directory() {
            if [ -L "$1" ]; then stop 82 'is a symbolic link' "$1"; fi
            if [ ! -d "$1" ]; then mkdir -m 700 -- "$1"; fi
            if [ "$(stat -c %u -- "$1")" != 0 ]; then stop 82 'is not owned by root' "$1"; fi
            if [ "$(stat -c %a:%g -- "$1")" != 700:0 ]; then chown 0:0 -- "$1"; chmod 700 -- "$1"; fi
        }
        # The directories above as well: who can rename one of them can put his own in its place.
        writable_by_root() {
            way=$1
            while :; do
                case $(stat -c %u:%A -- "$way") in
                0:d????-??-*) ;;
                *) stop 82 'can be written to by others than root' "$way" ;;
                esac
                if [ "$way" = / ] || [ "$way" = "$atrest_root" ]; then break; fi
                way=$(dirname -- "$way")
            done
        }
        # What others put there before the mode was put right is neither followed nor trusted.
        made_by_root() {
            for entry in "$1"/* "$1"/.[!.]*; do
                case $(stat -c %u:%h:%F -- "$entry" 2>/dev/null) in
                '' | 0:1:regular* | 0:*:directory) ;;
                *) stop 82 'is not what root alone can have put there' "$entry" ;;
                esac
            done
        }
        plain() {
            if [ -L "$1" ]; then stop 82 'is a symbolic link' "$1"; fi
            if [ -e "$1" ] && [ ! -f "$1" ]; then stop 82 'is not a regular file' "$1"; fi
        }
        digest() {
            if [ -e "$1" ]; then
                sum=$(sha256sum < "$1")
                printf '%s' "${sum%% *}"
            else
                printf absent
            fi
        }
        flush() { sync -- "$1" 2>/dev/null || sync; }
        label() { if command -v restorecon >/dev/null 2>&1; then restorecon -- "$1" >&2 || :; fi; }

        # replace STAGING TARGET DIGEST LIKE: standard input becomes TARGET in one step, with LIKE's mode and owner, if what
        # arrived has the digest.
        replace() {
            temporary=$(mktemp "$1/.atrest-XXXXXXXXXX")
            if [ -n "$4" ]; then
                chown --reference="$4" -- "$temporary"
                chmod --reference="$4" -- "$temporary"
            else
                chown 0:0 -- "$temporary"
                chmod 600 -- "$temporary"
            fi
            cat > "$temporary"
            if [ -n "$3" ] && [ "$(digest "$temporary")" != "$3" ]; then stop 83 'was not written whole' "$2"; fi
            flush "$temporary"
            mv -f -T -- "$temporary" "$2"
            flush "$(dirname -- "$2")"
            label "$2"
        }
        # A record must never speak for another file than the one that it was written behind.
        forget_record() {
            rm -f -- "$state/record"
            flush "$state"
        }
        now() {
            stat=$(cat "$proc/self/stat")
            set -- ${stat##*) }
            uptime=${20}
            IFS= read -r boot < "$proc/sys/kernel/random/boot_id"
        }
        # From here on, a process that starts has loaded what stands on disk.
        record() {
            now
            written=$(digest "$configuration")
            printf 'path %s\ndigest %s\nboot_id %s\nuptime %s\n' \
                "$atrest_recorded_path" "$written" "$boot" "$uptime" |
                replace "$state" "$state/record" '' ''
        }

        if [ "$configurations" = "$managed" ]; then
            writable_by_root "$(dirname -- "$managed")"
            guarded_directory "$managed"
        else
            writable_by_root "$configurations"
        fi
        writable_by_root "$(dirname -- "$state")"
        guarded_directory "$state"
        made_by_root "$state"
        if [ -d "$copy" ]; then made_by_root "$copy"; fi
        plain "$configuration"
        if [ -n "$manifest" ]; then
            plain "$manifest"
            writable_by_root "$manifests"
            if [ "$(stat -c %d -- "$staging")" != "$(stat -c %d -- "$manifests")" ]; then
                stop 82 'is a file system of its own, and a file can only be replaced in one step inside of one' "$manifests"
            fi
        fi
        trap sweep EXIT
        trap 'exit 129' HUP INT TERM PIPE
        sweep

        """#

    /// Refuses where the files are no longer those that the step was planned from (`atrest_expected`: digest and path a line).
    private static let compare = #"""
        printf '%s\n' "$atrest_expected" | while read -r wanted path; do
            if [ -z "$path" ]; then continue; fi
            found=$(digest "$atrest_root$path")
            if [ "$found" != "$wanted" ]; then stop 81 "$found" "$path"; fi
        done

        """#

    /// Writes what a host is to have: the copy for a rollback, the configuration, the record, the manifest, in this order.
    package static let install =
        compare + #"""
            differs() { [ -n "$1" ] && [ "$(digest "$2")" != "$3" ]; }
            # A record of now would take the proof away from the process that has all this loaded.
            work=$atrest_copy
            if ! differs "$atrest_configuration" "$configuration" "$atrest_configuration_digest" &&
                ! differs "$atrest_manifest" "$manifest" "$atrest_manifest_digest" &&
                grep -q -s -x -F "path $atrest_configuration_path" "$state/record" &&
                grep -q -s -x -F "digest $(digest "$configuration")" "$state/record"; then
                work=nothing
            fi
            case $work in
            fresh)
                # Where the step moves the configuration, the old one stays where it is until the new one is proved. It must be
                # possible to remove it then.
                previous=$configuration
                if [ "$atrest_previous_path" != "$atrest_configuration_path" ]; then
                    previous=$(readlink -f -- "$(dirname -- "$atrest_root$atrest_previous_path")")
                    previous=$previous/${atrest_previous_path##*/}
                    plain "$previous"
                    writable_by_root "$(dirname -- "$previous")"
                fi
                temporary=$(mktemp -d "$state/.atrest-XXXXXXXXXX")
                # The copies are root's own, whoever owns the files: nobody else's is put back or left here.
                keep() {
                    cp -p -- "$1" "$temporary/$2"
                    chown 0 -- "$temporary/$2"
                    flush "$temporary/$2"
                }
                if [ -e "$previous" ]; then keep "$previous" configuration; fi
                if [ -n "$manifest" ]; then keep "$manifest" manifest; fi
                now
                printf 'path %s\nmanifest %s\nloaded %s\nstart %s\nboot_id %s\nintended %s\n' "$atrest_configuration_path" \
                    "$atrest_manifest_path" "$atrest_loaded" "$atrest_loaded_start" "$boot" "$atrest_configuration_digest" \
                    > "$temporary/facts"
                flush "$temporary/facts"
                if [ -e "$copy" ]; then mv -T -- "$copy" "$(mktemp -d "$state/.atrest-XXXXXXXXXX")"; fi
                mv -T -- "$temporary" "$copy"
                flush "$state"
                ;;
            keep)
                if [ ! -e "$copy/facts" ]; then stop 81 absent "$copy"; fi
                printf 'intended %s\n' "$atrest_configuration_digest" >> "$copy/facts"
                flush "$copy/facts"
                ;;
            esac
            if differs "$atrest_configuration" "$configuration" "$atrest_configuration_digest"; then
                forget_record
                printf '%s' "$atrest_configuration" | base64 -d |
                    replace "$configurations" "$configuration" "$atrest_configuration_digest" ''
            fi
            # Too wide a file is written anew: who has the old one open must not reach the new one.
            if [ -e "$configuration" ] && [ "$(stat -c %a:%u:%g -- "$configuration")" != 600:0:0 ]; then
                replace "$configurations" "$configuration" "$(digest "$configuration")" '' < "$configuration"
            fi
            if [ -n "$manifest" ]; then
                case $(stat -c %u:%A -- "$manifest") in
                0:-????-??-*) ;;
                *)
                    chown 0:0 -- "$manifest"
                    chmod go-w -- "$manifest"
                    replace "$staging" "$manifest" "$(digest "$manifest")" "$manifest" < "$manifest"
                    ;;
                esac
            fi
            if [ "$work" = nothing ]; then now; else record; fi
            if differs "$atrest_manifest" "$manifest" "$atrest_manifest_digest"; then
                printf '%s' "$atrest_manifest" | base64 -d |
                    replace "$staging" "$manifest" "$atrest_manifest_digest" "$manifest"
            fi
            frame boot_id "$boot"
            frame uptime "$uptime"

            """# + end

    /// Puts back what stood before the step: a configuration before the manifest that names it, its absence after.
    package static let rollback =
        #"""
        if [ ! -e "$copy/facts" ]; then stop 81 absent "$copy"; fi
        restore() { replace "$1" "$3" "$(digest "$2")" "$2" < "$2"; }
        if [ -e "$copy/configuration" ] && [ "$(digest "$copy/configuration")" != "$(digest "$configuration")" ]; then
            forget_record
            restore "$configurations" "$copy/configuration" "$configuration"
        fi
        if [ -e "$copy/configuration" ]; then record; fi
        if [ -e "$copy/manifest" ] && [ "$(digest "$copy/manifest")" != "$(digest "$manifest")" ]; then
            restore "$staging" "$copy/manifest" "$manifest"
        fi
        if [ ! -e "$copy/configuration" ]; then
            rm -f -- "$configuration"
            flush "$configurations"
            record
        fi
        frame boot_id "$boot"
        frame uptime "$uptime"

        """# + end

    /// Removes the copy for a rollback; the step's postcondition holds.
    package static let commit =
        #"""
        if [ -e "$copy" ]; then mv -T -- "$copy" "$(mktemp -d "$state/.atrest-XXXXXXXXXX")"; fi
        flush "$state"
        # Where the configuration is gone, so is its directory.
        rmdir -- "$managed" 2>/dev/null || :

        """# + end

    /// Removes a configuration that no manifest names any more, and what atrest knew of it.
    package static let remove =
        compare + #"""
            found=$(digest "$configuration")
            case $found in
            absent | "$atrest_configuration_digest") ;;
            *) stop 81 "$found" "$configuration" ;;
            esac
            rm -f -- "$configuration"
            flush "$configurations"
            if grep -q -s -x -F "path $atrest_configuration_path" "$state/record"; then rm -f -- "$state/record"; fi
            sweep
            rmdir -- "$managed" 2>/dev/null || :

            """# + end
}
