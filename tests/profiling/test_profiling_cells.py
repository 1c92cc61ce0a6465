"""Typed and nested values are rendered as a careful CSV writer would."""

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pyarrow as pa
import pytest

from exporter.profiling.cells import number_text, texts

NOON = datetime(2025, 3, 30, 12, 0, 0, 250_000)  # noqa: DTZ001  a wall time
AWARE = NOON.replace(tzinfo=UTC)

CASES = [
    (pa.array(["a", None, "é"]), ["a", "", "é"]),
    (pa.array(["a", None], pa.large_string()), ["a", ""]),
    (pa.array(["a", None], pa.string_view()), ["a", ""]),
    (pa.array(["a", None, "a"]).dictionary_encode(), ["a", "", "a"]),
    (pa.array([None, None]), ["", ""]),
    (pa.array([True, False, None]), ["true", "false", ""]),
    (pa.array([1, -2, None], pa.int16()), ["1", "-2", ""]),
    (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
    (pa.array([1.0, 2.5, -0.0, None, float("nan"), 1e22, 0.1]), ["1", "2.5", "0", "", "", "1e+22", "0.1"]),
    (pa.array([0.1, 3.0, None], pa.float32()), ["0.1", "3", ""]),
    (pa.array([9007199254740991.0, 9007199254740992.0]), ["9007199254740991", "9.007199254740992e+15"]),
    (pa.array([Decimal("12.50"), None, Decimal("-0.01")], pa.decimal128(9, 2)), ["12.50", "", "-0.01"]),
    (pa.array([Decimal("0.0000000001"), None], pa.decimal128(20, 12)), ["0.000000000100", ""]),
    (pa.array([NOON], pa.timestamp("ms")), ["2025-03-30T12:00:00.250"]),
    (
        pa.array([NOON.replace(tzinfo=UTC)], pa.timestamp("us", "Europe/Berlin")),
        ["2025-03-30T12:00:00.250000Z"],
    ),
    (pa.array([NOON, None], pa.timestamp("s")), ["2025-03-30T12:00:00", ""]),
    (pa.array([date(2025, 3, 30), None]), ["2025-03-30", ""]),
    (pa.array([time(1, 2, 3)], pa.time32("s")), ["01:02:03"]),
    (pa.array([timedelta(seconds=5)], pa.duration("s")), ["5"]),
    (pa.array([b"text", None, b"\xff"], pa.binary()), ["text", "", "\ufffdff"]),
    (pa.array([[1, None], None], pa.list_(pa.int8())), ["[1,null]", ""]),
    (pa.array([{"a": "é", "b": Decimal("1.20")}]), ['{"a":"é","b":"1.20"}']),
    (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int8())), ['{"k":1}']),
    (
        pa.ExtensionArray.from_storage(pa.uuid(), pa.array([UUID(int=7).bytes], pa.binary(16))),
        ["00000000-0000-0000-0000-000000000007"],
    ),
]


@pytest.mark.parametrize(("array", "wanted"), CASES, ids=[str(array.type) for array, _ in CASES])
def test_each_type_has_its_text(array: pa.Array, wanted: list[str]) -> None:  # type: ignore[type-arg]
    """Also for a slice, and for no values."""
    assert texts(array).to_pylist() == wanted
    assert texts(array[1:]).to_pylist() == wanted[1:]
    assert texts(array[:0]).to_pylist() == []
    assert texts(array).type == pa.string()


def test_a_number_alone_has_the_text_of_one_among_others() -> None:
    """So that it does not matter how a file is read."""
    for number in (1.0, 0.1, 1e-7, 1e22, 12.5):
        assert number_text(number) == texts(pa.array([number])).to_pylist()[0]


def test_strings_and_times_take_no_pandas() -> None:
    """Importing it takes longer than reading a day's file."""
    code = (
        "import sys\nfrom exporter.profiling.cells import texts\n"
        "from exporter.profiling.strings import text_array\n"
        "texts(text_array(['a', 'b'])); assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
