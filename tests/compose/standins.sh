#!/usr/bin/env bash
# A separate Docker daemon, with stand-ins from Debian's packages under the names pinned in docker-compose.yml.
# Usage: standins.sh base | start RUN | images RUN | stop RUN; RUN is a folder for socket, pid and log (a short path).
# Exit 3: not possible here; the last line says why.
set -euo pipefail
cd "$(dirname "$0")/../.."
servers=${PUFFY_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/puffy-exporter/servers}
cache=$servers/docker
release=trixie # its Python has the version in the Dockerfile
bridge=puffy0  # not docker0, which another daemon may use
packages=(docker.io iptables iproute2 debootstrap)

give_up() {
    echo "$1" >&2
    exit 3
}

install_docker() {
    command -v dockerd >/dev/null && command -v debootstrap >/dev/null && command -v iptables >/dev/null &&
        command -v ip >/dev/null && return
    # Keeps a package's start script from running a daemon.
    local policy=/usr/sbin/policy-rc.d made=
    [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && made=1; }
    apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null ||
        { [ -z "$made" ] || rm -f "$policy"; give_up "Docker cannot be installed"; }
    [ -z "$made" ] || rm -f "$policy"
}

base() {
    [ "$(id -u)" = 0 ] || give_up "a Docker daemon needs root"
    command -v apt-get >/dev/null || give_up "the stand-ins are made from Debian's packages"
    install_docker
    mkdir -p "$cache"
    [ -s "$cache/base.tar" ] && return
    local mirror work
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' | grep '/debian/\?$' | head -1)
    work=$(mktemp -d "$cache/.base.XXXXXX")
    trap 'rm -rf "$work"' RETURN
    debootstrap --variant=minbase --include=python3,python3-venv,python3-pip,ca-certificates,busybox \
        "$release" "$work/root" ${mirror:+"$mirror"} >"$cache/debootstrap.log" 2>&1 ||
        give_up "debootstrap failed: $cache/debootstrap.log"
    tar -C "$work/root" --one-file-system --exclude=./var/cache/apt --exclude=./var/lib/apt/lists \
        --exclude=./usr/share/doc --exclude=./usr/share/locale --exclude=./usr/share/man \
        --exclude=./dev --exclude=./proc --exclude=./sys -cf "$work/base.tar" .
    mv "$work/base.tar" "$cache/base.tar"
}

start() { # run folder
    mkdir -p "$1" "$cache/data"
    ip link show "$bridge" >/dev/null 2>&1 || ip link add "$bridge" type bridge
    ip address replace 172.30.251.1/24 dev "$bridge"
    ip link set "$bridge" up
    dockerd --data-root "$cache/data" --exec-root "$1/exec" --pidfile "$1/pid" --host "unix://$1/docker.sock" \
        --bridge "$bridge" >"$1/log" 2>&1 &
    export DOCKER_HOST=unix://$1/docker.sock
    for _ in $(seq 150); do
        docker version >/dev/null 2>&1 && clear_leftovers && return
        kill -0 $! 2>/dev/null || break
        sleep 0.2
    done
    give_up "dockerd does not start: $(tail -1 "$1/log")"
}

clear_leftovers() { # of a killed run, and layers that no image needs any more
    docker ps -aq | xargs -r docker rm -f -v >/dev/null
    docker volume ls -q | xargs -r docker volume rm -f >/dev/null
    { docker network prune -f && docker image prune -f && docker builder prune -f --keep-storage 1GB; } >/dev/null
}

images() { # run folder
    export DOCKER_HOST=unix://$1/docker.sock DOCKER_BUILDKIT=0
    local here=tests/compose/standins programs=$servers/forky/usr/bin work
    work=$(mktemp -d)
    trap 'rm -rf "$work"' RETURN
    docker image inspect standin-base >/dev/null 2>&1 || docker import "$cache/base.tar" standin-base >/dev/null
    cp "$here/grafana.py" "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$work"
    pip_configuration >"$work/pip.conf"
    cp "$programs"/{prometheus,promtool,prometheus-alertmanager,amtool} "$work"
    cp -r "$servers/forky/usr/share/prometheus/alertmanager" "$work/share"
    # Under the names in the compose file and the Dockerfile, so that the pinned ones are run.
    for image in $(sed -n 's/^ *image: \(prom\|grafana\)/\1/p' docker-compose.yml) \
        "$(sed -n 's/^ARG PYTHON_IMAGE=//p' Dockerfile)"; do
        name=${image##*/}
        docker build -q -t "$image" -f "$here/${name%%:*}.Dockerfile" "$work" >/dev/null 2>&1
    done
}

pip_configuration() { # this machine's own index, if it has one
    echo "[global]"
    python3 -m pip config list | sed -n "s/^[^.]*\.*:*\.*index-url='\(http.*\)'$/index-url = \1/p" | tail -1
}

stop() { # run folder
    [ ! -e "$1/pid" ] || { kill "$(cat "$1/pid")" && tail --pid="$(cat "$1/pid")" -f /dev/null; }
    ip link delete "$bridge" 2>/dev/null || true
    rm -rf "$1"
}

"$@"
