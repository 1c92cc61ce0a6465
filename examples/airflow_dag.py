"""DQ step, gate, load: an Airflow DAG (2.10 with the standard provider, or 3).

The gate is a sensor that frees its slot while waiting: exit code 3 (closed) means retry, any other
failure fails the task immediately. A person releases it with ``puffy-exporter gate ack``.
"""

from datetime import datetime, timedelta, timezone

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.sensors.bash import BashSensor
from airflow.sdk import DAG
from airflow.timetables.trigger import CronTriggerTimetable

DATA = "/data/puffy"
OUTPUT = "/var/lib/puffy"  # PUFFY_OUTPUT_DIR of the exporter
DAY = "{{ macros.ds_add(ds, -1) }}"  # a run at 06:00 is about the day before
GATE_CLOSED = 3

with DAG(
    dag_id="puffy_daily",
    schedule=CronTriggerTimetable("0 6 * * *", timezone="UTC"),
    start_date=datetime(2025, 1, 1, tzinfo=timezone.utc),  # noqa: UP017  for older Pythons too
    catchup=False,
    max_active_runs=1,
    tags=["puffy"],
):
    dq = BashOperator(task_id="dq", bash_command=f"/opt/puffy/dq {DAY}")
    gate = BashSensor(
        task_id="gate",
        bash_command=f"puffy-exporter gate status --data.dir {DATA} --output.dir {OUTPUT} --partition {DAY}",
        retry_exit_code=GATE_CLOSED,
        mode="reschedule",
        poke_interval=60,
        timeout=timedelta(hours=2),
    )
    load = BashOperator(task_id="load", bash_command=f"/opt/puffy/load {DAY}")

    dq >> gate >> load
