"""Killed or denied its disk at a write, a command keeps its promises; ``make kills`` tries it at length."""

import errno
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from crashes.acts.outage import post
from crashes.acts.serve import PATIENCE, start
from crashes.strike import Striker, Struck, compile_shim, strike
from crashes.world import BAD, World
from running import clean_environment, until

KILLS = Path(__file__).parents[2] / "trials" / "kills.py"
DAY = str(BAD[0])


@pytest.fixture(scope="module")
def striker(tmp_path_factory: pytest.TempPathFactory) -> Striker:
    """Provide the library that makes calls fail; skip if it cannot be compiled."""
    shim = compile_shim(tmp_path_factory.mktemp("shim"))
    if shim is None:
        pytest.skip("there is no C compiler (cc)")
    return Striker(shim)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Provide some days, one of them held."""
    made = World.make(tmp_path / "world")
    made.change(BAD[0])
    made.do(*made.run)
    return made


def do(world: World, environment: Mapping[str, str], *arguments: str) -> Struck:
    """Run a command in its own process."""
    return strike(
        world.command(*arguments), world.folder, world.output, world.environment(**environment), None
    )


def traced(path: Path) -> list[str]:
    """Return the traced calls, with file names instead of paths."""
    lines = path.read_text().splitlines()
    return [f"{line.split()[0]} {Path(line.split()[1]).name}" for line in lines]


def failing(striker: Striker, world: World, call: str) -> dict[str, str]:
    """Return an environment in which the first call of this kind on a file fails."""
    return striker.shimmed(world.output, on=call, at=1, do=errno.EIO)


@pytest.mark.slow
def test_a_few_rounds_lose_and_break_nothing() -> None:
    """Only acts that need no server are tried; a find would be printed and set the exit code."""
    done = kills("--rounds", "12", "--seed", "7", "--only", "ack,denied,init,run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n12 rounds in " in done.stdout


def test_an_unknown_act_is_refused_with_the_known_ones() -> None:
    """Before anything is prepared."""
    done = kills("--only", "ack,akc")
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (2, "", False)
    assert "no act is called akc; there are ack, denied, " in done.stderr


def kills(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the trial in a process of its own."""
    environment = {name: value for name, value in clean_environment().items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, KILLS, *options], capture_output=True, text=True, env=environment, check=False
    )


def test_an_acknowledgement_is_on_disk_before_it_is_confirmed(striker: Striker, world: World) -> None:
    """On the command line and over HTTP, it survives a power cut right after the answer."""
    trace = world.folder / "trace"
    do(world, striker.shimmed(world.output, trace=trace), *world.ack(DAY, "Ann"))
    calls = traced(trace)
    steps = [calls.index(f"{call} gate_audit.jsonl") for call in ("write", "sync")]
    assert [*steps, calls.index("answer stdout")] == sorted([*steps, calls.index("answer stdout")])
    trace.unlink()
    with start(world, environment=striker.shimmed(world.output, trace=trace)) as exporter:
        begun = len(traced(trace))
        assert post(exporter, DAY, "looked")[0] == 201
    calls = traced(trace)[begun:]
    assert calls.index("sync gate_audit.jsonl") < calls.index("answer client")


def test_a_file_is_on_disk_before_it_is_renamed(striker: Striker, world: World) -> None:
    """Content is synced first, then the folder: a power cut leaves either the old file or the new one."""
    trace = world.folder / "trace"
    world.change(BAD[0])
    do(world, striker.shimmed(world.output, trace=trace), *world.run)
    calls = traced(trace)
    for name in ("monitoring_report.json", "GATE_CLOSED"):
        renamed = calls.index(f"rename {name}")
        own = [call for call in calls[:renamed] if call.endswith(f" .{name}.tmp")]
        assert own[-1] == f"sync .{name}.tmp"
        assert calls[renamed + 1] == f"sync {world.output.name}"


def test_a_refused_acknowledgement_is_not_on_record(striker: Striker, world: World) -> None:
    """If the disk fails after the line is written, the unsynced line is removed again."""
    log = world.log()
    trouble = failing(striker, world, "sync gate_audit.jsonl")
    done = do(world, trouble, *world.ack(DAY, "Ann"))
    line = "puffy-exporter: error: not recorded: out/gate_audit.jsonl: input/output error\n"
    assert (done.code, done.err) == (1, line)
    assert (world.log(), world.gates()[0]) == (log, 3)
    assert do(world, {}, *world.ack(DAY, "Ann")).code == 0


def test_an_entry_that_cannot_be_removed_again_is_reported_as_possible(
    striker: Striker, world: World
) -> None:
    """This is what happens if the disk refuses the removal as well."""
    trouble = {
        **failing(striker, world, "sync gate_audit.jsonl"),
        "CRASH_ONWARD": "1",
    }
    done = do(world, trouble, *world.ack(DAY, "Ann"))
    assert done.code == 1
    assert done.err.endswith("input/output error, and the entry cannot be taken back: see gate history\n")
    assert "Ann" in world.acknowledged()


def test_an_acknowledgement_whose_flag_cannot_be_removed_is_reported_as_recorded(
    striker: Striker, world: World
) -> None:
    """It is recorded, so nobody has to repeat it; the next pass removes the flag."""
    trouble = failing(striker, world, "unlink GATE_CLOSED")
    done = do(world, trouble, *world.ack(DAY, "Ann"))
    assert done.code == 1
    words = "recorded, but out/GATE_CLOSED is outdated until the next pass: input/output error"
    assert done.err == f"puffy-exporter: error: {words}\n"
    assert "Ann" in world.acknowledged()
    world.do(*world.run)
    assert not (world.output / "GATE_CLOSED").exists()


@pytest.mark.parametrize("word", ["write gate_audit.jsonl", "rename GATE_CLOSED"])
def test_a_pass_that_cannot_keep_the_gate_fails(striker: Striker, world: World, word: str) -> None:
    """One line says where; the hold is in the report, so the day stays closed."""
    world.change(BAD[1])
    done = do(world, failing(striker, world, word), *world.run)
    assert done.code == 1
    line = "puffy-exporter: error: gate not written or read in out, see the log"
    assert done.err.splitlines()[-1] == line
    assert world.gates()[2] == 3


def test_an_exporter_says_that_its_disk_fails_and_recovers_with_it(striker: Striker, world: World) -> None:
    """It stays up, counts errors per output, and has written everything once the disk is back."""
    broken = world.folder / "broken"
    todo = {"at": 1, "onward": 1, "do": errno.ENOSPC, "while": broken}
    with start(world, environment=striker.shimmed(world.output, **todo)) as exporter:
        before = world.told()
        broken.touch()
        world.change(BAD[1])
        after, _ = world.foresee()
        assert until(lambda: exporter.value("puffy_exporter_refresh_success") == 0, PATIENCE)
        for series in ('output_errors_total{output="report"}', "gate_errors_total", "state_errors_total"):
            assert (exporter.value(f"puffy_exporter_{series}") or 0) > 0
        assert exporter.value(f'puffy_gate_hold{{partition="{BAD[1]}",reason="schema_mismatch"}}') == 1
        assert "no space left on device" in exporter.get("/")[1]
        assert post(exporter, DAY, "looked") == (
            500,
            "Not recorded: the audit log cannot be written: no space left on device.\n",
        )
        assert world.told() == before
        broken.unlink()
        assert until(lambda: world.told() == after, PATIENCE)
        assert until(lambda: exporter.value("puffy_exporter_refresh_success") == 1, PATIENCE)
        assert post(exporter, DAY, "looked")[0] == 201
