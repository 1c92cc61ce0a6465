"""Which files form one table, and which day each belongs to."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from sniff_files import days, write

from exporter.contract.load import parse_feed
from exporter.contract.write import contract_text
from exporter.discover.listing import list_directory
from exporter.errors import UserError
from exporter.model import Stage
from exporter.sniff.names import Group, Grouped, group_files
from exporter.sniff.sniff import sniff
from exporter.sniff.stages import choose
from exporter.sniff.walk import Found, raise_base, walk


def found(names: Sequence[str]) -> list[Found]:
    """Return made-up files with these names."""
    return [Found(Path("/data") / name, name, 10, 0) for name in names]


def groups(names: Sequence[str]) -> dict[str, Group]:
    """Return the groups of these names by template."""
    return {group.template.text: group for group in group_files(found(names)).groups}


SPELLINGS = [
    ("events_%Y%m%d.csv", "events_{date:%Y%m%d}.csv"),
    ("events-%Y-%m-%d.csv", "events-{date:%Y-%m-%d}.csv"),
    ("events.%Y_%m_%d.csv", "events.{date:%Y_%m_%d}.csv"),
    ("%Y.%m.%d events.csv", "{date:%Y.%m.%d} events.csv"),
    ("%d.%m.%Y.csv", "{date:%d.%m.%Y}.csv"),
    ("%m-%d-%Y.csv", "{date:%m-%d-%Y}.csv"),
    ("sales%d%b%Y.csv", "sales{date:%d%b%Y}.csv"),
    ("sales_%Y-%b-%d.csv", "sales_{date:%Y-%b-%d}.csv"),
    ("sales_%b-%d-%Y.csv", "sales_{date:%b-%d-%Y}.csv"),
    ("sales_%y%m%d.csv", "sales_{date:%y%m%d}.csv"),
    ("sales_%Y%j.csv", "sales_{date:%Y%j}.csv"),
    ("sales_%Y-%j.csv", "sales_{date:%Y-%j}.csv"),
    ("events.csv.%Y%m%d", "events.csv.{date:%Y%m%d}"),
    ("events_%Y%m%dT060000.csv", "events_{date:%Y%m%d}T060000.csv"),
    ("events_%Y%m%d060000.csv", "events_{date:%Y%m%d}060000.csv"),
    ("%Y/%m/%d/part-00000.csv", "{date:%Y}/{date:%m}/{date:%d}/part-00000.csv"),
    ("dt=%Y-%m-%d/flights.csv", "dt={date:%Y-%m-%d}/flights.csv"),
    ("year=%Y/month=%m/day=%d/x.csv", "year={date:%Y}/month={date:%m}/day={date:%d}/x.csv"),
    ("%Y/%m/events_%Y%m%d.csv", "{date:%Y}/{date:%m}/events_{date:%Y%m%d}.csv"),
    ("%Y-%m/events_%Y-%m-%d.csv", "{date:%Y-%m}/events_{date:%Y-%m-%d}.csv"),
    ("%Y%m/%d.csv", "{date:%Y%m}/{date:%d}.csv"),
    ("dt=%Y-%m-%d/events_%Y%m%d.csv", "dt={date:%Y-%m-%d}/events_{date:%Y%m%d}.csv"),
    ("%Y/%b/%d.csv", "{date:%Y}/{date:%b}/{date:%d}.csv"),
    ("shop 7/v2_%Y%m%d_final.csv", "shop 7/v2_{date:%Y%m%d}_final.csv"),
]


@pytest.mark.parametrize(("pattern", "template"), SPELLINGS, ids=[spelling for spelling, _ in SPELLINGS])
def test_a_date_is_found_in_any_spelling(pattern: str, template: str) -> None:
    """Forty days form one group, each file under its own day."""
    known = days(40)
    made = groups([f"{day:{pattern}}" for day in known])
    assert list(made) == [template]
    assert list(made[template].files) == known


def test_a_day_over_twelve_settles_the_order() -> None:
    """One file decides for all, so nothing is guessed."""
    made = groups(["x_03-04-2025.csv", "x_13-04-2025.csv"])
    assert [(text, group.guess) for text, group in made.items()] == [("x_{date:%d-%m-%Y}.csv", None)]


@pytest.mark.parametrize(
    ("pattern", "template"),
    [("x_%d%m%Y.csv", "x_{date:%d%m%Y}.csv"), ("x_%m%d%Y.csv", "x_{date:%m%d%Y}.csv")],
)
def test_days_in_a_row_settle_the_order(pattern: str, template: str) -> None:
    """If every file could be read either way, the reading with consecutive days wins, as a guess."""
    made = groups([f"{day:{pattern}}" for day in days(9, date(2025, 3, 1))])
    assert list(made) == [template]
    assert "guessed" in (made[template].guess or "")


def test_years_without_their_century_are_read_by_the_days_in_a_row() -> None:
    """Six digits have several readings; the one with consecutive days wins, as a guess."""
    made = groups([f"x{day:%y%m%d}.csv" for day in days(30)])
    assert list(made) == ["x{date:%y%m%d}.csv"]
    assert "%y%m%d; %d%m%y would fit" in (made["x{date:%y%m%d}.csv"].guess or "")


def test_a_folder_number_that_is_not_a_month_is_kept() -> None:
    """Folder 03 contains files of two months, so it is just a name."""
    made = groups([f"03/x_{day:%Y%m%d}.csv" for day in days(40)])
    assert list(made) == ["03/x_{date:%Y%m%d}.csv"]


def test_two_tables_in_one_folder_are_two_groups_the_larger_first() -> None:
    """If names differ in more than the date, they are different tables."""
    made = group_files(
        found([f"a_{day}.csv" for day in days(3)] + [f"b_{day}.csv" for day in days(5)])
    ).groups
    assert [group.template.text for group in made] == ["b_{date:%Y-%m-%d}.csv", "a_{date:%Y-%m-%d}.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "events.csv",
        "v1.2.3.csv",
        "20251399.csv",
        "99999999.csv",
        "x_1234.csv",
        "2025-13-01.csv",
        "2025.csv",
        "{2025-03-09}.csv",
    ],
)
def test_what_names_no_day_is_undated(name: str) -> None:
    """Versions, numbers and impossible dates are not days."""
    assert group_files(found([name])) == Grouped(())


def test_several_files_a_day_are_noticed() -> None:
    """Hourly exports are reported as several files per day and never grouped without a word."""
    hourly = [f"x_{day:%Y%m%d}{hour:02}.csv" for day in days(3) for hour in range(24)]
    assert group_files(
        found([f"x_{day:%Y%m%d}T{hour:02}00.csv" for day in days(3) for hour in range(24)])
    ).crowded
    assert (
        group_files(found([f"{day}/a.csv" for day in days(3)] + [f"{day}/b.csv" for day in days(3)])).crowded
        is None
    )
    assert not group_files(found(hourly)).groups or group_files(found(hourly)).crowded


SUFFIXES = [
    ("events_%Y%m%d.csv", "csv"),
    ("%Y%m%d.CSV", "csv"),
    ("events_%Y-%m-%d.csv.zip", "csv"),
    ("events_%Y-%m-%d.csv.gz", "csv"),
    ("events.csv.%Y%m%d", "csv"),
    ("events.csv.%Y%m%d.snappy", "csv.snappy"),
    ("%Y%m%d", ""),
    ("events-%Y.%m.%d.parquet", "parquet"),
    ("%Y/%m/%d/part-0000", ""),
]


@pytest.mark.parametrize(("pattern", "suffix"), SUFFIXES, ids=[pattern for pattern, _ in SUFFIXES])
def test_a_group_knows_the_end_of_its_names(pattern: str, suffix: str) -> None:
    """Whether it comes before or after the date."""
    made = groups([f"{day:{pattern}}" for day in days(20)])
    assert [group.suffix for group in made.values()] == [suffix]


def chosen(*patterns: str, counts: Sequence[int] = ()) -> dict[Stage, str]:
    """Return the stages chosen for these files."""
    names = [
        f"{day:{pattern}}"
        for pattern, count in zip(patterns, counts or [20] * len(patterns), strict=True)
        for day in days(count)
    ]
    made = choose(group_files(found(names)).groups)
    assert made is not None
    return {stage: group.literal for stage, group in made.stages.items()}


def test_siblings_named_clean_and_bad_are_stages() -> None:
    """The words may be in the folder or in the name."""
    assert chosen(
        "events_%Y%m%d.csv", "raw_clean/events_%Y%m%d_clean.csv", "raw_rejects/events_%Y%m%d_bad.csv"
    ) == {
        Stage.RAW: "events_.csv",
        Stage.CLEAN: "raw_clean/events__clean.csv",
        Stage.REJECTS: "raw_rejects/events__bad.csv",
    }
    assert chosen("raw/%Y%m%d.csv", "valid/%Y%m%d.csv", "quarantine/%Y%m%d.csv") == {
        Stage.RAW: "raw/.csv",
        Stage.CLEAN: "valid/.csv",
        Stage.REJECTS: "quarantine/.csv",
    }
    assert set(chosen("ordersRaw%Y%m%d.csv", "ordersFailed%Y%m%d.csv")) == {Stage.RAW, Stage.REJECTS}


def test_unrelated_files_are_not_stages() -> None:
    """Neither another subject nor other days make a stage, and "badges" does not mean bad."""
    assert set(chosen("orders_%Y%m%d.csv", "clicks_clean/clicks_%Y%m%d.csv")) == {Stage.RAW}
    assert set(chosen("orders_%Y%m%d.csv", "clean/orders_%Y%m%d.csv", counts=(20, 3))) == {Stage.RAW}
    assert set(chosen("orders_%Y%m%d.csv", "orders_badges_%Y%m%d.csv")) == {Stage.RAW}


def test_clean_files_alone_are_raw() -> None:
    """A feed always has a first stage, whatever its name."""
    assert chosen("clean/orders_%Y%m%d.csv") == {Stage.RAW: "clean/orders_.csv"}


def test_files_that_are_not_data_are_skipped(tmp_path: Path) -> None:
    """Hidden files, uploads, sidecars, and the reports of the exporter and of upstream."""
    write(
        tmp_path,
        {
            "x_20250303.csv": "a\n",
            ".x_20250304.csv": "",
            "_SUCCESS": "",
            "x_20250304.csv.tmp": "",
            "x_20250303.csv.md5": "",
            "monitoring/x_20250304.csv": "",
            "dq_reports/x_20250304.csv": "",
            "_delta_log/x_20250304.csv": "",
        },
    )
    os.mkfifo(tmp_path / "x_20250305.csv")
    (tmp_path / "x_20250306.csv").symlink_to("nowhere")
    assert [one.relative for one in walk([tmp_path]).files] == ["x_20250303.csv"]


def test_the_folders_above_may_say_the_rest_of_the_day(tmp_path: Path) -> None:
    """If init is run on a month's folder, the year in the folder above is part of the date."""
    write(tmp_path, {f"data/{day:%Y/%m/%d}.csv": "a,b\n1,2\n" for day in days(5)})
    below = walk([tmp_path / "data" / "2025" / "03"])
    above = raise_base(below)
    assert above is not None
    assert above.directory == tmp_path / "data" / "2025"
    proposal = sniff([tmp_path / "data" / "2025" / "03"])
    assert proposal.feed.raw.path.text == "{date:%Y}/{date:%m}/{date:%d}.csv"
    assert proposal.directory == tmp_path / "data"


def test_the_day_may_be_six_folders_above_and_no_more(tmp_path: Path) -> None:
    """Each folder between has a number in its name, so it could be a part of the day."""
    write(tmp_path, {"data/2025-03-03/v1/v2/v3/v4/v5/v6/x.csv": "a,b\n1,2\n"})
    write(tmp_path, {"data/2025-03-03/v1/v2/v3/v4/v5/x.csv": "a,b\n1,2\n"})
    proposal = sniff([tmp_path / "data/2025-03-03/v1/v2/v3/v4/v5/x.csv"])
    assert proposal.feed.raw.path.text == "{date:%Y-%m-%d}/v1/v2/v3/v4/v5/x.csv"
    assert proposal.directory == tmp_path / "data"
    with pytest.raises(UserError, match=r": no file names a day; found x\.csv"):
        sniff([tmp_path / "data/2025-03-03/v1/v2/v3/v4/v5/v6"])


def test_a_path_with_nul_is_refused_in_a_line(tmp_path: Path) -> None:
    """The system knows no such path, and one that does not exist."""
    with pytest.raises(UserError, match="x\0: embedded null byte"):
        walk([Path("x\0")])
    with pytest.raises(UserError, match=r"x: no such file or directory"):
        walk([tmp_path / "x"])


RENAME = (
    "if they are data, rename them, or name the files themselves if they end in .csv, .parquet or .ndjson"
)


@pytest.mark.parametrize("pattern", ["manifest_%Y-%m-%d.csv", "loads_%Y-%m-%d.log"])
def test_data_that_is_named_like_a_sidecar_is_left_out_and_named(tmp_path: Path, pattern: str) -> None:
    """Named by itself or under another name it is read, and its contract finds it."""
    content = "".join(f"{row},1.5\n" for row in range(30))
    write(tmp_path, {f"{day:{pattern}}": f"id,price\n{content}" for day in days(8)})
    with pytest.raises(UserError) as error:
        sniff([tmp_path])
    assert str(error.value).endswith(
        f": all files are left out: {days(8)[0]:{pattern}} and 7 more (named like a checksum, "
        f"manifest or log); {RENAME}"
    )
    if pattern.endswith(".log"):
        for path in list(tmp_path.iterdir()):
            path.rename(path.with_suffix(".csv"))
        proposal = sniff([tmp_path])
    else:
        proposal = sniff([*tmp_path.iterdir()])
    assert proposal.looked.rows == 240
    assert proposal.hints == ()
    feed = parse_feed(contract_text(proposal.feed, proposal.notes), "x.yaml").feed
    assert len(list_directory(tmp_path, feed).files) == 8


def test_what_is_left_out_is_named_unless_most_folders_have_it(tmp_path: Path) -> None:
    """Sidecars always; hidden and unfinished files and reports only if nothing else is there."""
    usual = {".x_20250303.csv": "a\n", "_SUCCESS": "", "x.csv.tmp": "", "monitoring/x_20250303.csv": "a\n"}
    with pytest.raises(UserError) as error:
        sniff([write(tmp_path / "only", usual)])
    assert str(error.value).endswith(
        ": all files are left out: .x_20250303.csv and 2 more (named like a hidden or unfinished file), "
        f"monitoring (a folder of reports); {RENAME}"
    )
    with pytest.raises(UserError, match=r"found a\.csv; left out manifest\.csv \(named like a checksum, "):
        sniff([write(tmp_path / "undated", {"a.csv": "a\n", "manifest.csv": "a\n"})])
    files = usual | {f"x_{day}.csv": "a,b\n1,2\n" for day in days(3)}
    assert sniff([write(tmp_path / "data", files)]).hints == ()
    write(tmp_path / "data", {"sums/x_2025-03-03.csv.md5": "", "manifest.csv": ""})
    assert sniff([tmp_path / "data"]).hints == (
        "left out: manifest.csv and 1 more (named like a checksum, manifest or log)",
    )
    assert sniff([tmp_path / "data", tmp_path / "data/sums"]).hints == (
        "left out: manifest.csv and 1 more (named like a checksum, manifest or log)",
    )


def test_folders_that_are_not_listed_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Because they are closed, as simulated for root, or too deep."""
    listed = os.scandir

    def closed(folder: Path) -> object:
        if Path(folder).name == "dt=2025-03-04":
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(os, "scandir", closed)
    write(tmp_path, {f"dt={day}/x.csv": "a,b\n1,2\n" for day in days(3)})
    assert sniff([tmp_path]).hints == ("left out: dt=2025-03-04 (permission denied)",)
    deep = "/".join("abcdefghijklm")
    write(tmp_path, {f"{deep}/x_2025-03-03.csv": "a,b\n1,2\n"})
    assert f"{deep} (more than 12 folders deep)" in sniff([tmp_path]).hints[0]
    monkeypatch.undo()
    assert sniff([tmp_path]).hints == (f"left out: {deep} (more than 12 folders deep)",)


REFUSED = [
    ({}, "no files; one file per day is needed"),
    ({"a.csv": "a\n", "b.csv": "b\n"}, "no file names a day; found a.csv, b.csv; one file per day is needed"),
    ({"x_2025-3-9.csv": "a\n"}, "the day in x_2025-3-9.csv cannot be written as a pattern: the year as four"),
    ({"x_9March2025.csv": "a\n"}, "cannot be written as a pattern"),
    ({"x_20250309.parquet": "PAR1"}, "x_20250309.parquet: Parquet file is damaged"),
    ({"x_20250309.orc": "ORC"}, "x_20250309.orc: a orc file: CSV, Parquet and NDJSON are read"),
    ({"x_20250309.png": "PNG"}, "no CSV, Parquet or NDJSON files; found x_20250309.png"),
    (
        {f"x_{day:%Y%m%d}T{part:02}00.csv": "a\n" for day in days(4) for part in range(5)},
        "a day has several files",
    ),
]


@pytest.mark.parametrize(("files", "said"), REFUSED, ids=[said[:30] for _, said in REFUSED])
def test_an_error_says_what_was_found_and_what_is_needed(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    """The message can be acted on."""
    with pytest.raises(UserError) as error:
        sniff([write(tmp_path, files)])
    assert said in str(error.value)


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    """The path is quoted as typed."""
    with pytest.raises(UserError, match="nowhere: no such file or directory"):
        sniff([tmp_path / "nowhere"])
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="not a regular file"):
        sniff([tmp_path / "pipe"])


def test_other_tables_are_hinted_at(tmp_path: Path) -> None:
    """Each hint says how to make a contract, if the format is supported."""
    rows = "a,b\n" + "1,2\n" * 30
    write(tmp_path, {f"x_{day}.csv": rows for day in days(9)} | {f"y_{day}.csv": rows for day in days(3)})
    write(tmp_path, {"z_20250303.json": "{}", "z_20250303.orc": "ORC"})
    assert sniff([tmp_path]).hints == (
        f"also found: 3 files {tmp_path}/y_*.csv; run init on it for a contract of its own",
        f"also found: 1 file {tmp_path}/z_*.json; run init on it for a contract of its own",
        f"also found: 1 file {tmp_path}/z_*.orc, in a format that is not read",
    )


def test_years_of_names_are_grouped_at_once() -> None:
    """Eight years of days, each of which can be read in several ways."""
    made = group_files(
        found([f"{day:%Y/%m}/events_{day:%Y%m%d}.csv" for day in days(3000, date(2018, 1, 1))])
    )
    assert [len(group.files) for group in made.groups] == [3000]
