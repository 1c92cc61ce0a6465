#!/bin/sh
# Ask for the secrets of your own pipeline's notifications, and write each to its own file.
# An empty answer keeps an existing secret; without one it is rejected: an empty secret would only fail when the
# first message is sent. Answers may also be given as lines on standard input.
set -eu
cd "$(dirname "$0")/.."
umask 077
[ ! -t 0 ] || { trap 'stty echo' EXIT && stty -echo; } # secrets do not stay on the screen

written='' refused=''

ask() { # folder, names of files, question
    printf '%s: ' "$3" >&2
    IFS= read -r answer || answer=
    [ ! -t 0 ] || echo >&2
    for name in $2; do store "$1/live-secrets" "$name"; done
}

store() { # folder, name
    if [ -z "$answer" ]; then
        grep -q '[^[:space:]]' "$1/$2" 2>/dev/null || refused="$refused $1/$2"
        return 0
    fi
    mkdir -p "$1"
    printf '%s\n' "$answer" >"$1/.$2"
    chmod 444 "$1/.$2" # compose mounts the file with these permissions, and no container runs as you; the folder keeps others out
    mv -f "$1/.$2" "$1/$2"
    written="$written $1/$2"
}

ask alertmanager slack_analytics_url "Slack webhook of the analysts' channel"
ask alertmanager slack_data_engineering_url "Slack webhook of data engineering's channel"
ask alertmanager pagerduty_oncall_key "PagerDuty routing key of whoever is on call"
ask alertmanager pagerduty_data_lead_key "PagerDuty routing key of the data lead"
ask alertmanager smtp_password "Password at the mail server"
ask alertmanager heartbeat_token "Token of the heartbeat service"
needed=$refused
ask grafana admin_password "Grafana's admin password (empty: a random one)"
if [ "$refused" != "$needed" ]; then
    answer=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    store grafana/live-secrets admin_password
fi
printf '%s\n' "Written:${written:- nothing new}" >&2
if [ -n "$needed" ]; then
    printf 'No answer, and not written:%s\n' "$needed" >&2
    echo "Run this again for these. For receivers that you remove from alertmanager.yml, enter any word." >&2
    exit 1
fi
