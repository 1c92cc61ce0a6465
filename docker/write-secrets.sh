#!/bin/sh
# Ask for the secrets of your own pipeline's notifications, and write each into a file of its own.
# An empty answer keeps what is there. Answers may also come as lines on standard input.
set -eu
cd "$(dirname "$0")/.."
umask 077
[ ! -t 0 ] || { trap 'stty echo' EXIT && stty -echo; } # secrets do not stay on the screen

ask() { # folder, names of files, question
    printf '%s: ' "$3" >&2
    IFS= read -r answer || answer=
    [ ! -t 0 ] || echo >&2
    for name in $2; do store "$1/live-secrets" "$name"; done
}

store() { # folder, name
    [ -n "$answer" ] || [ ! -e "$1/$2" ] || return 0
    mkdir -p "$1"
    printf '%s\n' "$answer" >"$1/.$2"
    chmod 444 "$1/.$2" # compose mounts the file as it is, and no container runs as you; the folder keeps others out
    mv -f "$1/.$2" "$1/$2"
}

ask alertmanager slack_analytics_url "Slack webhook of the analysts' channel"
ask alertmanager slack_data_engineering_url "Slack webhook of data engineering's channel"
ask alertmanager pagerduty_oncall_key "PagerDuty routing key of whoever is on call"
ask alertmanager pagerduty_data_lead_key "PagerDuty routing key of the data lead"
ask alertmanager smtp_password "Password at the mail server"
ask alertmanager heartbeat_token "Token of the heartbeat service"
ask grafana admin_password "Grafana's admin password (empty: a random one)"
if ! [ -s grafana/live-secrets/admin_password ] || [ -z "$(cat grafana/live-secrets/admin_password)" ]; then
    answer=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    store grafana/live-secrets admin_password
fi
echo "Written to alertmanager/live-secrets/ and grafana/live-secrets/." >&2
