"""The pipeline as an ETL job: its tasks, and a run for each partition with the verdict of our checks.

Monte Carlo accepts no incidents from outside, but creates one from a failed run: so the checks of a partition
are reported as a task of its run, which fails if a critical one is in breach.
"""

from exporter.feed import Feed
from exporter.integrations.reading import Json, file_name, instant, last_change
from exporter.model import Stage

JOB = "puffy.events.daily"
CHECKS = "checks"  # the task that represents our verdict
UPSTREAM = {"load": "dq", "monitor": "dq", CHECKS: "dq"}
DAY_SECONDS = 86_400
MOST_NAMES = 20  # alerts named in an error


def job_event(report: Json, owner: str, contact: str | None) -> Json:
    """Return the definition of the job: the tasks that have run, and our checks."""
    names = sorted({name for document in report["partitions"].values() for name in document["tasks"]})
    known = {name.casefold(): name for name in names}
    owned = {"primary_email": contact, "team": owner}
    return {
        "etl_asset": {
            "job_source_id": JOB,
            "name": "Daily web events",
            "owner": {key: value for key, value in owned.items() if value},
            "tasks": [_task(name, known) for name in dict.fromkeys((*names, CHECKS))],
        }
    }


def _task(name: str, known: dict[str, str]) -> Json:
    task: Json = {"task_source_id": name, "name": name}
    upstream = known.get(UPSTREAM.get(name.casefold(), ""))
    if upstream is not None and upstream != name:
        task["upstream_task_source_ids"] = [upstream]
    return task


def run_event(feed: Feed, partition: str, document: Json) -> Json:
    """Return the run of one partition."""
    run_id = f"{JOB}.{partition}"
    checks = _checks_run(run_id, document)
    tasks = [_task_run(run_id, name, run) for name, run in sorted(document["tasks"].items()) if _ended(run)]
    failed = any(run["status"] == "failed" for run in tasks)
    event: Json = {
        "job_source_id": JOB,
        "run_source_id": run_id,
        "status": "failed" if failed else checks["status"],
        "event_time": max(run["event_time"] for run in (*tasks, checks)),
        "expected_end_time": instant(document["calendar"]["due_timestamp_seconds"]),
    }
    if tasks:
        event["start_time"] = min(run["start_time"] for run in tasks)
        event["end_time"] = max(run["end_time"] for run in tasks)
    if _is_backfill(document):
        event |= {"trigger": "BACKFILL", "backfill_id": f"{partition}@{checks['event_time']}"}
    if "error" in checks:
        event["error"] = checks["error"]
    event["task_runs"] = [*tasks, checks]
    files = {
        stage: file_name(table, partition)
        for stage, table in feed.tables.items()
        if _present(document, stage)
    }
    inputs = [_file(path, "INPUT") for stage, path in files.items() if stage is Stage.RAW]
    outputs = [_file(path, "OUTPUT") for stage, path in files.items() if stage is not Stage.RAW]
    return event | {key: value for key, value in (("inputs", inputs), ("outputs", outputs)) if value}


def _present(document: Json, stage: Stage) -> bool:
    return bool(document["stages"].get(stage.value, {}).get("present") == 1)


def _file(path: str, role: str) -> Json:
    return {"asset_type": "FILE", "role": role, "fully_qualified_name": path}


def _ended(run: Json) -> bool:
    return "success" in run and "end_timestamp_seconds" in run


def _task_run(run_id: str, name: str, run: Json) -> Json:
    end = run["end_timestamp_seconds"]
    event: Json = {
        "job_source_id": JOB,
        "run_source_id": f"{run_id}.{name}",
        "status": "success" if run["success"] == 1 else "failed",
        "event_time": instant(end),
        "task_source_id": name,
        "start_time": instant(end - run.get("duration_seconds", 0)),
        "end_time": instant(end),
    }
    if run["success"] != 1:
        event["error"] = {"message": f"task {name} exited with an error", "code": "TASK_FAILED"}
    return event


def _checks_run(run_id: str, document: Json) -> Json:
    standing = [alert for alert in document["alerts"] if alert["state"] != "acknowledged"]
    critical = [alert for alert in standing if alert["severity"] == "critical"]
    status = "warn" if standing else "success"
    if critical:
        status = "blocked" if any(alert["blocking"] for alert in critical) else "failed"
    event: Json = {
        "job_source_id": JOB,
        "run_source_id": f"{run_id}.{CHECKS}",
        "status": status,
        "event_time": instant(last_change(document)),
        "task_source_id": CHECKS,
    }
    if critical:
        message = "; ".join(f"{alert['alert']}: {alert['summary']}" for alert in critical[:MOST_NAMES])
        event["error"] = {"message": message, "code": critical[0]["check"], "retryable": False}
    return event


def _is_backfill(document: Json) -> bool:
    """Whether the partition was processed after the next one was due."""
    ends = [run["end_timestamp_seconds"] for run in document["tasks"].values() if _ended(run)]
    latest = max((*ends, last_change(document)))
    return bool(latest > document["calendar"]["due_timestamp_seconds"] + DAY_SECONDS)
