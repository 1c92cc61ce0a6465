#!/usr/bin/env bash
# Make the real servers that tests talk to available, from Debian's packages, without starting any.
set -euo pipefail
command -v promtool >/dev/null && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "promtool is not installed: tests that need it are skipped (a failure on CI)" >&2
    exit 0
fi
# A package's start script would run the server: this tells it not to.
policy=/usr/sbin/policy-rc.d
[ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; made=1; }
trap '[ -z "${made:-}" ] || rm -f "$policy"' EXIT
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus >/dev/null
