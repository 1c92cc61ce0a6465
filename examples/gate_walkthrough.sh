#!/bin/bash
# Walk through the gate, from closed to open and closed again, on a copy of a data directory.
#
#   gate_walkthrough.sh [DATA_DIR AS_OF]
#
# The newest days of DATA_DIR, as of the date AS_OF, lack the referrer column. Without arguments ten days are
# generated of which the last three do. PYTHON is an interpreter with the exporter installed (default: python3).
set -euo pipefail

python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
data=$work/data

say() { printf '\n== %s\n' "$*"; }
puffy() { "$python" -m exporter "$@"; }

# Make a pass, as of the date.
pass() { puffy run --data.dir "$data" --as-of "$as_of" --write --log.level error >/dev/null; }

# Show the gate, and stop unless it is as expected: "expect 3" closed, "expect 0" open.
expect() {
    local code=0
    puffy gate status --data.dir "$data" || code=$?
    if [ "$code" != "$1" ]; then
        echo "exit code $code, expected $1" >&2
        exit 1
    fi
    echo "(exit code $code)"
}

# The held days.
held() { puffy gate status --json --data.dir "$data" | grep -oE '"partition": "[0-9-]+' | cut -d '"' -f 4 | sort -u; }

# Every file arrived when due: the day after, 06:00 UTC.
arrive_on_time() {
    find "$data" -name 'events_*.csv' | while read -r file; do
        day=$(basename "$file" | grep -oE '[0-9]{8}' | head -n 1)
        touch -d "$(date -u -d "$day +1 day" +%F) 06:00 UTC" "$file"
    done
}

# "change DAY repair": restore the referrer column, and turn the rejected rows into clean ones.
# "change DAY spoil": remove the column from the raw file again, and add a row.
change() {
    "$python" - "$data" "$1" "$2" <<'PYTHON'
import csv
import os
import sys
from pathlib import Path

data, day, how = Path(sys.argv[1]), sys.argv[2].replace("-", ""), sys.argv[3]
csv.field_size_limit(sys.maxsize)


def replace(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name("." + path.name)  # hidden: ignored until complete
    with made.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    os.utime(made, (1.7e9, 1.7e9))  # old: it does not have to settle first
    made.replace(path)


raw = data / f"events_{day}.csv"
with raw.open(newline="", encoding="utf-8", errors="replace") as file:
    reader = csv.DictReader(file)
    rows, names = list(reader), [name for name in reader.fieldnames if name != "referrer"]
if how == "repair":
    replace(raw, [*names, "referrer"], rows)
    replace(data / f"raw_clean/events_{day}_clean.csv", [*names, "referrer", "referrer_host"], rows)
    replace(data / f"raw_rejects/events_{day}_bad.csv", [*names, "referrer", "dq_reason"], [])
else:
    replace(raw, names, [*rows, rows[0]])
PYTHON
}

if [ $# -eq 2 ]; then
    as_of=$2
    mkdir "$data"
    cp -r "$1"/. "$data"
    chmod -R u+w "$data"
    rm -rf "$data/monitoring" # from an earlier run
elif [ $# -eq 0 ]; then
    as_of=2025-03-09
    "$python" - "$data" <<'PYTHON'
import sys
from datetime import date, timedelta
from pathlib import Path

from exporter.demo.days import write_day
from exporter.demo.incidents import Incident

for number in range(10):
    day = date(2025, 2, 27) + timedelta(days=number)
    write_day(Path(sys.argv[1]), day, incidents=[Incident.LOST_COLUMN] if number > 6 else [])
PYTHON
else
    echo "usage: $0 [DATA_DIR AS_OF]" >&2
    exit 1
fi
arrive_on_time

say "A pass as of $as_of: days without the referrer column close the gate"
pass
expect 3
mapfile -t days < <(held)

for number in "${!days[@]}"; do
    say "Somebody reviews ${days[number]} and acknowledges it"
    puffy gate ack "${days[number]}" --data.dir "$data" --by "Ann" --reason "looked, rebuilt without referrers" |
        sed -n 1p
    expect $((number + 1 < ${#days[@]} ? 3 : 0))
done

day=${days[$((${#days[@]} / 2))]}
say "$day comes repaired, with the column: nothing changes"
change "$day" repair
pass
expect 0

say "$day comes once more, bad in another way: closed again"
change "$day" spoil
pass
expect 3

say "What is on record"
puffy gate history --data.dir "$data"
