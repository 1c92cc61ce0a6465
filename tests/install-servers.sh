#!/usr/bin/env bash
# Make the real servers and the browser that tests need available, from Debian's packages, without starting any.
set -euo pipefail

# The newer generation is unpacked outside the system, not installed: it starts no service, needs no root and
# leaves the older one in place. tests/servers.py looks for it in the same folder.
servers=${PUFFY_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/puffy-exporter/servers}
release=forky
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

complete() { # folder
    local program
    for program in prometheus promtool prometheus-alertmanager amtool docker-compose; do
        [ -x "$1/usr/bin/$program" ] || return
    done
}

unpack() { # release
    local target=$servers/$1 work mirror
    complete "$target" && return
    mkdir -p "$servers"
    work=$(mktemp -d "$servers/.$1.XXXXXX")
    trap 'rm -rf "$work"' RETURN
    mkdir -p "$work"/{lists/partial,cache/archives/partial,debs,root}
    # The machine's own mirror.
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' | grep '/debian/\?$' | head -1)
    [ -n "$mirror" ] || return
    echo "deb [signed-by=$keyring] $mirror $1 main" >"$work/sources.list"
    local apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=-
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= -o Debug::NoLocking=1)
    (
        cd "$work/debs"
        "${apt[@]}" update
        "${apt[@]}" download "prometheus/$1" "prometheus-alertmanager/$1" "docker-compose/$1"
        "${apt[@]}" download "promtool/$1" 2>/dev/null || true # newer releases package it separately
    ) || return
    for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/root" || return; done
    complete "$work/root" || return
    rm -rf "$target" && mv "$work/root" "$target" # completely or not at all
}

if command -v apt-get >/dev/null && command -v dpkg >/dev/null && [ -e "$keyring" ]; then
    unpack "$release" || echo "$release's servers are unavailable: their tests are skipped (a failure on CI)" >&2
fi

# The browser is installed if possible, otherwise unpacked with everything that the system lacks.
browser() {
    local target=$servers/chromium work package
    command -v chromium >/dev/null || [ -x "$target/usr/lib/chromium/chromium" ] && return
    command -v apt-get >/dev/null || return
    if [ "$(id -u)" = 0 ]; then
        apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
                chromium fonts-dejavu-core >/dev/null # without a font letters have no width
        return
    fi
    mkdir -p "$servers"
    work=$(mktemp -d "$servers/.chromium.XXXXXX")
    trap 'rm -rf "$work"' RETURN
    mkdir -p "$work"/{lists/partial,cache/archives/partial,debs,tree}
    local apt=(apt-get -qq -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o Debug::NoLocking=1)
    (
        cd "$work/debs"
        "${apt[@]}" update
        "${apt[@]}" install --simulate --no-install-recommends chromium | awk '$1 == "Inst" { print $2 }' |
            xargs "${apt[@]}" download
    ) || return
    for package in "$work"/debs/*.deb; do dpkg -x "$package" "$work/tree" || return; done
    [ -x "$work/tree/usr/lib/chromium/chromium" ] || return
    rm -rf "$target" && mv "$work/tree" "$target"
}

browser || echo "chromium is unavailable: the tests of the pages in a browser are skipped (a failure on CI)" >&2

# Ceph's S3 gateway, unpacked from Debian's packages even as root: installed, they would start services.
ceph() {
    local target=$servers/ceph work package
    [ -x "$target/usr/bin/radosgw" ] && return
    command -v apt-get >/dev/null || return
    mkdir -p "$servers"
    work=$(mktemp -d "$servers/.ceph.XXXXXX")
    trap 'rm -rf "$work"' RETURN
    mkdir -p "$work"/{lists/partial,cache/archives/partial,debs,tree}
    local apt=(apt-get -qq -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=
        -o Debug::NoLocking=1)
    (
        cd "$work/debs"
        "${apt[@]}" update
        "${apt[@]}" install --simulate --no-install-recommends ceph-mon ceph-osd radosgw |
            awk '$1 == "Inst" { print $2 }' | xargs "${apt[@]}" download
    ) || return
    for package in "$work"/debs/*.deb; do dpkg -x "$package" "$work/tree" || return; done
    [ -x "$work/tree/usr/bin/radosgw" ] || return
    rm -rf "$target" && mv "$work/tree" "$target"
}

ceph || echo "radosgw is unavailable: the tests on a real S3 server are skipped (a failure on CI)" >&2

# The chart is rendered by Helm itself.
bash "$(dirname "$0")/deploy/install-helm.sh"

# The compose file is run with images made from Debian's packages, in a daemon started by the tests.
bash "$(dirname "$0")/compose/standins.sh" base || echo "the compose file's tests are skipped (a failure on CI)" >&2

# The older one is the system's own. Both of Debian's Alertmanagers read a template of this package.
command -v promtool >/dev/null && command -v amtool >/dev/null && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "promtool and amtool are not installed: tests that need them are skipped (a failure on CI)" >&2
    exit 0
fi
# Keeps a package's start script from running the server.
policy=/usr/sbin/policy-rc.d
[ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; made=1; }
trap '[ -z "${made:-}" ] || rm -f "$policy"' EXIT
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus prometheus-alertmanager >/dev/null
