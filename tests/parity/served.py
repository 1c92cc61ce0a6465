"""What a real Prometheus makes of a page, once every rule has been evaluated."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from prometheus_server import Prometheus, run_prometheus, serve_pages
from running import until
from verdicts import FIGURES, Found, Key

GROUP = "parity"
SEEN, DONE = "parity:seen", "parity:done"  # recorded by the first and the last rule, if the page was scraped
RARELY = {"GOGC": "400"}  # garbage is collected: memory is not short, and a fifth of the time is saved
BYTES_A_SECOND = 2_000_000  # roughly what is scraped and evaluated in a second
PATIENCE_SECONDS = 600


def said_by_prometheus(program: str, page: bytes, rules: Mapping[str, str]) -> Found:
    """Return the recorded figures, and the alerts with severity and value.

    One server per page: old data would slow it down.
    """
    with _server(program, page, rules) as server:
        return dict(chain(_figures(server), _alerts(server)))


@contextmanager
def _server(program: str, page: bytes, rules: Mapping[str, str]) -> Iterator[Prometheus]:
    with serve_pages() as pages, TemporaryDirectory() as folder:
        pages.bodies["/metrics"] = page
        path = Path(folder) / "rules.yml"
        path.write_text(_one_group(rules))
        seconds = 1 + len(page) // BYTES_A_SECOND  # one scrape and one evaluation are enough
        config = {
            "global": {"scrape_interval": f"{2 * seconds}s", "evaluation_interval": f"{seconds}s"},
            "rule_files": [str(path)],
            "scrape_configs": [
                {"job_name": "puffy", "static_configs": [{"targets": [f"127.0.0.1:{pages.port}"]}]},
            ],
        }
        with run_prometheus(program, Path(folder) / "prometheus", config, **RARELY) as server:
            _settle(server)
            yield server
            server.process.kill()  # nobody needs what it would write at its end


def _one_group(rules: Mapping[str, str]) -> str:
    """Put all rules into one group: one evaluation of it replaces several of several groups."""
    groups = chain.from_iterable(yaml.safe_load(text)["groups"] for text in rules.values())
    together = [rule for group in groups for rule in group["rules"]]
    for rule in together:
        rule.pop("annotations", None)  # annotations, which need further queries for each alert
    seen = {"record": SEEN, "expr": 'up{job="puffy"} == 1'}
    done = {"record": DONE, "expr": SEEN}
    document = {"groups": [{"name": GROUP, "rules": [seen, *together, done]}]}
    return yaml.safe_dump(document, width=1_000_000)


def _settle(server: Prometheus) -> None:
    """Wait until every rule has evaluated the page."""
    assert until(lambda: server.query(DONE) != [], PATIENCE_SECONDS)
    rules = server.groups()[GROUP]["rules"]
    assert [rule.get("lastError") for rule in rules if rule["health"] != "ok"] == []


def _figures(server: Prometheus) -> Iterator[tuple[Key, str]]:
    for figure, exposed in FIGURES.items():
        for where, series in (("recorded", f"partition:puffy_trend:{figure}"), ("exposed", exposed)):
            for labels, value in server.query(series):
                key = Key(labels["feed"], labels["partition"], labels["metric"], f"{where} {figure}")
                yield key, repr(value)


def _alerts(server: Prometheus) -> Iterator[tuple[Key, str]]:
    incidents: defaultdict[Key, list[str]] = defaultdict(list)
    verdicts: set[Key] = set()
    for alert in server.get("alerts")["alerts"]:
        labels, feed = alert["labels"], alert["labels"].get("feed", "")
        if labels["alertname"] == "PuffyIncident":
            incidents[Key(feed, "", labels["incident"], "alerts of the incident")].append(labels["severity"])
        elif "check" in labels:
            key = Key(feed, labels["partition"], labels["check"], "verdict")
            assert key not in verdicts, f"two alerts for {key}"
            verdicts.add(key)
            yield key, f"{labels['severity']} {float(alert['value'])!r}"
            # People are notified only of incidents, so each verdict must be in one.
            yield Key(feed, labels["partition"], labels["check"], "incidents"), "1"
    yield from ((key, ", ".join(severities)) for key, severities in incidents.items())
