#!/bin/sh
# /usr/local/bin/puffy: puffy-exporter on the service's folders, for interactive use:
#
#   sudo -u puffy puffy gate ack 2025-03-07 --by Ann --reason "looked, rebuilt"
#
# Environment: PUFFY_ENV (default: /etc/puffy/puffy.env), PUFFY (default: puffy-exporter).
set -eu
set -a
. "${PUFFY_ENV:-/etc/puffy/puffy.env}"
set +a
exec "${PUFFY:-puffy-exporter}" "$@"
