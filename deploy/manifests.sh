#!/usr/bin/env bash
# Render the chart as plain manifests for kubectl. Usage: deploy/manifests.sh [FOLDER]; HELM names the program.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/kubernetes}
helm=${HELM:-helm}
chart=$here/helm/puffy-exporter
mkdir -p "$folder"

render() { # name, options of helm template
    local name=$1 labels='^ *(app\.kubernetes\.io/managed-by|helm\.sh/chart):'
    shift
    {
        echo "# Generated from the chart by \`make manifests\`. Do not edit; copy it to change values."
        "$helm" template puffy-exporter "$chart" --set data.existingClaim=puffy-data --set output.keep=false "$@" |
            grep -vE "^# Source:|$labels"
    } >"$folder/$name.yaml.new"
    mv "$folder/$name.yaml.new" "$folder/$name.yaml"
}

render exporter
render cronjob --set mode=cronjob
render monitoring --set serviceMonitor.enabled=true --set prometheusRule.enabled=true --set alertmanager.kind=secret \
    -s templates/servicemonitor.yaml -s templates/prometheusrules.yaml -s templates/alertmanager.yaml
render dashboards --set dashboards.enabled=true -s templates/dashboards.yaml
