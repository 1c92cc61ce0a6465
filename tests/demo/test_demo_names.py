"""What the demo writes is what the exporter looks for: two tables of names, compared."""

from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

import pytest
from feeds import EVENTS, RAW, TABLES

from exporter.demo.incidents import Incident
from exporter.demo.names import (
    RAW_GLOB,
    clean_path,
    manifest_path,
    raw_name,
    rejects_path,
    summary_path,
    task_run_path,
    unfinished_name,
)
from exporter.demo.plan import write_pipeline
from exporter.demo.rows import Recipe
from exporter.discover.layout import (
    DQ_FOLDER,
    DQ_SUMMARY,
    TASK_FOLDER,
    is_temporary,
    is_upstream_file,
    partition_of,
)
from exporter.model import Stage

DAY = date(2025, 3, 5)
AT = datetime(2025, 3, 6, 6, 15, 9, tzinfo=UTC)
PATHS = {
    Stage.RAW: raw_name(DAY),
    Stage.CLEAN: clean_path(raw_name(DAY)),
    Stage.REJECTS: rejects_path(raw_name(DAY)),
}
REPORTS = (summary_path(AT), manifest_path(AT), task_run_path("load", DAY))


def folder_of(path: str) -> str:
    """Return the folder of a relative path, empty for the data directory itself."""
    return str(PurePosixPath(path).parent).removeprefix(".")


@pytest.mark.parametrize("stage", Stage)
def test_each_stage_lies_where_it_is_sought(stage: Stage) -> None:
    """Folder and name are the stage's, the name bears the partition, and no other stage claims it."""
    path = PATHS[stage]
    assert folder_of(path) == EVENTS.table(stage).path.folder
    assert {known: table.path.date_of(path) for known, table in TABLES.items()} == {
        known: DAY if known is stage else None for known in TABLES
    }


def test_the_dq_step_globs_raw_files_alone() -> None:
    """The pattern by which the demo's DQ step finds raw files takes those and no other stage's."""
    taken = {
        stage for stage, path in PATHS.items() if PurePosixPath(PurePosixPath(path).name).match(RAW_GLOB)
    }
    assert taken == {Stage.RAW}
    assert partition_of(RAW, raw_name(DAY)) == DAY


def test_reports_and_records_lie_where_they_are_sought() -> None:
    """The summary bears a stamp that is understood; the manifest shares it; task runs have a folder."""
    summary, manifest, record = REPORTS
    match = DQ_SUMMARY.fullmatch(PurePosixPath(summary).name)
    assert match is not None
    assert match[1] == "20250306T061509Z"
    assert manifest == f"{DQ_FOLDER}/manifest_{match[1]}.json"
    assert folder_of(summary) == DQ_FOLDER
    assert folder_of(record) == TASK_FOLDER
    assert is_upstream_file(Path(record), EVENTS)


@pytest.mark.parametrize("path", [*PATHS.values(), *REPORTS])
def test_unfinished_files_are_ignored(path: str) -> None:
    """A file counts as being written under its first name and as upstream's under its last."""
    name = PurePosixPath(path).name
    assert is_temporary(unfinished_name(name))
    assert not is_temporary(name)


def test_every_file_of_a_pipeline_is_known(tmp_path: Path) -> None:
    """Nothing of a written pipeline goes unseen, but the manifests that the exporter does not watch."""
    write_pipeline(tmp_path, DAY, 2, Recipe(rows=25), {DAY: (Incident.LOST_COLUMN,)})
    unseen = [path for path in tmp_path.rglob("*.*") if not is_upstream_file(path, EVENTS)]
    assert [path.name.split("_")[0] for path in unseen] == ["manifest"]
