#!/bin/sh
# Run a load when the gate is open and yesterday's files have been judged; otherwise do not run it.
#
#   load_when_open.sh DATA_DIR COMMAND [ARGUMENT...]
#
# Environment: PUFFY_OUTPUT_DIR, if the exporter does not write to DATA_DIR/monitoring;
# DAY (default: yesterday, UTC), TIMEOUT (default: 2h), PUFFY (default: puffy-exporter).
# The command gets the day in PUFFY_PARTITION.
# Exit code: 3 the gate stayed closed, 1 the gate could not be checked, else the command's own.
set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 DATA_DIR COMMAND [ARGUMENT...]" >&2
    exit 1
fi
data=$1
shift
day=${DAY:-$(date -u -d yesterday +%F)}

# Any code but 0 ends here (set -e): a closed gate, a mistyped folder, a missing program.
"${PUFFY:-puffy-exporter}" gate wait --data.dir "$data" --partition "$day" --timeout "${TIMEOUT:-2h}"

PUFFY_PARTITION=$day exec "$@"
