#!/bin/sh
# Report secret files of a configuration that are missing or empty, which `amtool check-config` does not check.
# Usage: check-secrets.sh [alertmanager.yml]; exit 1 if there are any. Needs only busybox.
config=${1:-$(dirname "$0")/alertmanager.yml}
[ -r "$config" ] || { echo "$config: cannot be read" >&2; exit 1; }
status=0
for file in $(sed -n 's/^[[:space:]-]*[a-z_]*_file:[[:space:]]*//p' "$config" | tr -d "\"'" | sort -u); do
    case $file in
    /*) path=$file ;;
    *) path=$(dirname "$config")/$file ;;
    esac
    if ! grep -q '[^[:space:]]' "$path" 2>/dev/null; then
        echo "$config: secret file $file is missing, unreadable or empty" >&2
        status=1
    fi
done
exit $status
