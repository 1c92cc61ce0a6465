"""Who watches the watcher: exporter, Prometheus, Alertmanager."""

from frame import Board, Shelf
from panels import clock, listing, number
from parts import GREEN, RED, YELLOW, YES_NO

RATE = "[$__rate_interval]"
FAILED = {"0": ("failed", RED), "1": ("ok", GREEN)}

_tiles = [
    (
        number(
            "Targets up",
            "Scrape targets that answer, of all that are configured.",
            "sum(up) / count(up)",
            "percentunit",
            levels=((None, RED), (1, GREEN)),
            legend="up",
        ),
        4,
    ),
    (
        number(
            "Last pass",
            "Whether the exporter's last pass over the directory succeeded.",
            "min(puffy_exporter_refresh_success)",
            "none",
            states=FAILED,
            legend="pass",
        ),
        4,
    ),
    (
        number(
            "Configuration",
            "Whether the exporter's configuration in use is the one on disk.",
            "min(puffy_exporter_config_reload_success)",
            "none",
            states=FAILED,
            legend="reload",
        ),
        4,
    ),
    (
        number(
            "Figures are from",
            "Age of the last successful pass.",
            "time() - max(puffy_exporter_refresh_success_timestamp_seconds)",
            "s",
            levels=((None, GREEN), (900, YELLOW), (3600, RED)),
            legend="age",
            decimals=0,
        ),
        4,
    ),
    (
        number(
            "Report and Prometheus agree",
            "Alerts that Prometheus holds open minus those that the report calls firing; other than 0 for more than a few minutes is a fault.",
            '(count(ALERTS{alertstate="firing",check!="",partition!=""}) or vector(0)) - sum(max by (severity) (puffy_report_alerts))',
            "none",
            levels=((None, YELLOW), (0, GREEN), (1, YELLOW)),
            legend="difference",
        ),
        4,
    ),
    (
        number(
            "Rules that failed",
            "Rule evaluations that failed in the last hour.",
            "sum(increase(prometheus_rule_evaluation_failures_total[1h]))",
            "short",
            levels=((None, GREEN), (1, RED)),
            legend="failed",
        ),
        4,
    ),
]

HEALTH = Board(
    uid="puffy-health",
    title="Puffy: exporter and alerting health",
    description="Does what watches the pipeline work: exporter, rules, notifications.",
    shelves=[
        Shelf(4, _tiles),
        Shelf(
            8,
            [
                (
                    listing(
                        "Targets",
                        "Each scrape target and whether its last scrape succeeded.",
                        {
                            "up": "max by (job) (up)",
                            "scrape took": "max by (job) (scrape_duration_seconds)",
                            "samples": "max by (job) (scrape_samples_scraped)",
                        },
                        by="job",
                        states={"up": YES_NO},
                        units={"scrape took": "s"},
                    ),
                    10,
                ),
                (
                    listing(
                        "Alerts on the monitoring itself",
                        "Open alerts that concern no partition. The watchdog is always among them.",
                        {"firing": 'max by (alertname, severity, alertstate) (ALERTS{kind="meta"})'},
                        by="alertname",
                        hide=("Value",),
                        none="none open",
                    ),
                    14,
                ),
            ],
        ),
        Shelf(
            8,
            [
                (
                    clock(
                        "Passes",
                        "Duration of the exporter's passes.",
                        {"duration": "max(puffy_exporter_refresh_duration_seconds)"},
                        "s",
                    ),
                    8,
                ),
                (
                    clock(
                        "Files read",
                        "Event files read per second, and attempts that failed.",
                        {
                            "read": f"sum(rate(puffy_exporter_profiled_files_total{RATE}))",
                            "failed": f"sum(rate(puffy_exporter_profile_errors_total{RATE}))",
                        },
                        "cps",
                    ),
                    8,
                ),
                (
                    clock(
                        "Bytes read",
                        "Bytes of event files read per second.",
                        {"read": f"sum(rate(puffy_exporter_profiled_bytes_total{RATE}))"},
                        "Bps",
                    ),
                    8,
                ),
            ],
            "Exporter",
        ),
        Shelf(
            8,
            [
                (
                    clock(
                        "Waiting and odd",
                        "Files that still change, files that cannot be read, and what the status page calls odd.",
                        {
                            "waiting": "max(puffy_exporter_queue_depth)",
                            "unreadable": "max(puffy_exporter_unreadable_files)",
                            "odd": "max(puffy_exporter_problems)",
                        },
                        "none",
                    ),
                    8,
                ),
                (
                    clock(
                        "Writes that failed",
                        "Writes to the state and to outputs that failed in the last hour.",
                        {
                            "state": "sum(increase(puffy_exporter_state_errors_total[1h]))",
                            "{{output}}": "sum by (output) (increase(puffy_exporter_output_errors_total[1h]))",
                        },
                        "none",
                    ),
                    8,
                ),
                (
                    clock(
                        "Memory",
                        "Resident memory of each process.",
                        {"{{job}}": "max by (job) (process_resident_memory_bytes)"},
                        "bytes",
                    ),
                    8,
                ),
            ],
        ),
        Shelf(
            8,
            [
                (
                    clock(
                        "Rule evaluation",
                        "Duration of the last evaluation of each rule group.",
                        {
                            "{{rule_group}}": 'max by (rule_group) (label_replace(prometheus_rule_group_last_duration_seconds, "rule_group", "$1", "rule_group", ".*;(.*)"))'
                        },
                        "s",
                    ),
                    8,
                ),
                (
                    clock(
                        "Notifications sent",
                        "Notifications by way, and those that failed, per second.",
                        {
                            "{{integration}}": f"sum by (integration) (rate(alertmanager_notifications_total{RATE})) > 0",
                            "{{integration}} failed": f"sum by (integration) (rate(alertmanager_notifications_failed_total{RATE})) > 0",
                        },
                        "cps",
                    ),
                    8,
                ),
                (
                    clock(
                        "Alerts in Alertmanager",
                        "Alerts that Alertmanager holds, by state.",
                        {"{{state}}": "max by (state) (alertmanager_alerts)"},
                        "none",
                    ),
                    8,
                ),
            ],
            "Alerting",
        ),
        Shelf(
            8,
            [
                (
                    clock(
                        "Alerts Prometheus could not deliver",
                        "Alerts dropped on the way to Alertmanager, and Alertmanagers that Prometheus knows.",
                        {
                            "dropped": "sum(increase(prometheus_notifications_dropped_total[1h]))",
                            "Alertmanagers": "max(prometheus_notifications_alertmanagers_discovered)",
                        },
                        "none",
                    ),
                    12,
                ),
                (
                    clock(
                        "Alerts by severity",
                        "What the report calls firing and what Prometheus holds open.",
                        {
                            "report, {{severity}}": "max by (severity) (puffy_report_alerts)",
                            "Prometheus, {{severity}}": 'count by (severity) (ALERTS{alertstate="firing",check!="",partition!=""})',
                        },
                        "none",
                    ),
                    12,
                ),
            ],
        ),
    ],
)
