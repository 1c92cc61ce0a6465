"""Who watches the watcher: exporter, Prometheus, Alertmanager."""

from frame import Board, Shelf
from panels import clock, listing, number
from parts import GREEN, RED, YELLOW, YES_NO

RATE = "[$__rate_interval]"
FAILED = {"0": ("failed", RED), "1": ("ok", GREEN)}
META_RUNBOOK = (("Runbook", "${exporter}/runbooks/meta"),)

_tiles = [
    (
        number(
            "Last pass",
            "Whether the exporter's last pass over the directory succeeded. Decides whether to look at the exporter before its figures.",
            "min(puffy_exporter_refresh_success)",
            "none",
            states=FAILED,
            legend="pass",
        ),
        8,
    ),
    (
        number(
            "Configuration",
            "Whether the configuration in use is the one on disk. Decides whether the last change of it has to be corrected.",
            "min(puffy_exporter_config_reload_success)",
            "none",
            states=FAILED,
            legend="reload",
        ),
        8,
    ),
    (
        number(
            "Report and Prometheus agree",
            "Alerts open in Prometheus minus those firing in the report; other than 0 for more than a few minutes is a fault. Decides which of the two to believe, and whether rules have to be rewritten.",
            '(count(ALERTS{alertstate="firing",check!="",partition!=""}) or vector(0)) - sum(max by (severity) (puffy_report_alerts))',
            "none",
            levels=((None, YELLOW), (0, GREEN), (1, YELLOW)),
            legend="difference",
        ),
        8,
    ),
]

HEALTH = Board(
    uid="puffy-health",
    title="Puffy: exporter and alerting health",
    description="Is the monitoring itself healthy: exporter, rules, notifications.",
    shelves=[
        Shelf(4, _tiles),
        Shelf(
            8,
            [
                (
                    listing(
                        "Alerts on the monitoring itself",
                        "Open alerts that concern no day; the watchdog is always among them. Decides which runbook to open.",
                        {"firing": 'max by (alertname, severity, alertstate) (ALERTS{kind="meta"})'},
                        by="alertname",
                        hide=("Value",),
                        none="none open",
                        links={"alertname": META_RUNBOOK},
                    ),
                    14,
                ),
                (
                    listing(
                        "Targets",
                        "Each scrape target and whether its last scrape succeeded. Decides which process to restart.",
                        {
                            "up": "max by (job) (up)",
                            "scrape took": "max by (job) (scrape_duration_seconds)",
                        },
                        by="job",
                        states={"up": YES_NO},
                        units={"scrape took": "s"},
                    ),
                    10,
                ),
            ],
        ),
        Shelf(
            8,
            [
                (
                    clock(
                        "Waiting files and problems",
                        "Files that are still changing, unreadable files, and problems on the status page. Decides whether permissions or names in the data directory have to be corrected.",
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
                        "Reads and writes that failed",
                        "Reads of event files, writes to the state and to outputs that failed in the last hour. Decides whether disk, permissions or the other system are at fault.",
                        {
                            "files": "sum(increase(puffy_exporter_profile_errors_total[1h]))",
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
                        "Resident memory of each process. Decides whether its limit is high enough.",
                        {"{{job}}": "max by (job) (process_resident_memory_bytes)"},
                        "bytes",
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
                        "Notifications sent",
                        "Notifications by channel, and failed ones, per second. Decides whether people are notified of incidents, or have to be informed by hand.",
                        {
                            "{{integration}}": f"sum by (integration) (rate(alertmanager_notifications_total{RATE})) > 0",
                            "{{integration}} failed": f"sum by (integration) (rate(alertmanager_notifications_failed_total{RATE})) > 0",
                        },
                        "cps",
                    ),
                    12,
                ),
                (
                    clock(
                        "What Prometheus could not do",
                        "Failed rules and alerts dropped before reaching Alertmanager in the last hour, and the known Alertmanagers. Decides whether rules or the connection to Alertmanager are at fault.",
                        {
                            "rules failed": "sum(increase(prometheus_rule_evaluation_failures_total[1h]))",
                            "alerts dropped": "sum(increase(prometheus_notifications_dropped_total[1h]))",
                            "Alertmanagers": "max(prometheus_notifications_alertmanagers_discovered)",
                        },
                        "none",
                    ),
                    12,
                ),
            ],
            "Alerting",
        ),
    ],
)
