"""How durations in Prometheus' rules and in Alertmanager shrink to keep up with the fast clock.

Neither program can run on a different clock. A duration is divided by the speed, but keeps as many scrapes as
it has in production, up to ``MOST_SCRAPES``: with fewer, one missed scrape could end it. What has to be
longer than another duration stays longer. Only durations and the clock that Prometheus reads are changed.
"""

import re
from dataclasses import dataclass

from trials.soak.clock import NANOSECONDS, Clock

SCRAPE = 15.0  # seconds between scrapes, and between evaluations, as shipped
MOST_SCRAPES = 8
DISAGREEING, DISAGREEING_SCRAPES = 900.0, 24  # for: 15m, far more than the 5m for which alerts keep firing
DISCOVERY = 6.0  # Prometheus always takes five seconds to find Alertmanager
ENDED = 6 * 3600.0  # simulated: how long an incident's end can be reported
LONGEST_WAY = 18  # scrapes that reporting an end may take if Prometheus is killed meanwhile
DIGEST_HOUR = 3600.0  # simulated
# As in docker-compose.yml, or the defaults.
RESEND, RETENTION, MAINTENANCE, LOOKBACK = 35 * 60.0, 2160 * 3600.0, 60.0, 300.0
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
DURATION = r"(\d+)(ms|[smhdw])"
RULES = re.compile(rf"(?P<before>\b(?:for|keep_firing_for): |\[){DURATION}(?P<after>\]|$)", re.MULTILINE)
WAITS = re.compile(rf"(?P<before>\b(?:group_wait|group_interval|repeat_interval): ){DURATION}(?P<after>)")
STALE = "time() - max by (feed, instance) (puffy_exporter_refresh_success_timestamp_seconds) > 600"
BEAT = "vector(time() - time() % 300)"


@dataclass(frozen=True, slots=True)
class Pace:
    """``speed``: simulated seconds per real second; ``tick``: real seconds between scrapes."""

    speed: int
    tick: float

    def real(self, shipped: float) -> float:
        """Return the length of a duration of this many seconds here, in real seconds."""
        scrapes = min(shipped / SCRAPE, MOST_SCRAPES)
        return max(shipped / self.speed, scrapes * self.tick)

    def refusal(self) -> str | None:
        """Say why this pace cannot be judged, ``None`` if it can."""
        longest = LONGEST_WAY * self.tick
        if ENDED / self.speed >= longest:
            return None
        return (
            f"at {self.speed}-fold speed an incident's end can be told for {ENDED / self.speed:.0f} s only, "
            f"and with a restart on the way that takes up to {longest:.0f} s: "
            f"the speed must be at most {ENDED / longest:.0f}"
        )

    @property
    def digests(self) -> bool:
        """Whether the hour in which the digest is due is long enough for it to fire after a restart."""
        return self.speed * (DISCOVERY + MOST_SCRAPES * self.tick) <= DIGEST_HOUR

    def rules(self, text: str, clock: Clock) -> str:
        """Return a rule file at this pace, on the simulated clock."""
        return at_simulated_time(self._shrunk(RULES, text), self, clock)

    def routes(self, text: str) -> str:
        """Return Alertmanager's configuration at this pace."""
        return self._shrunk(WAITS, text)

    def table(self) -> list[tuple[str, str, str]]:
        """Return names, shipped values and values here of what readers should know."""
        named = {
            "scrape and evaluation interval": SCRAPE,
            "for: 30s, Prometheus' five seconds to find Alertmanager included": 30.0,
            "keep_firing_for: 5m, group_interval: 5m": 300.0,
            "group_wait: 20s": 20.0,
            "for: 15m": DISAGREEING,
            "for: 4h": 4 * 3600.0,
            "repeat_interval: 24h": 86_400.0,
            "repeat_interval: 12w": 12 * 604_800.0,
            "--rules.alert.resend-delay=35m": RESEND,
            "--data.maintenance-interval=1m": MAINTENANCE,
        }
        return [
            (name, f"{seconds:,.0f} s", f"{self._floored(name, seconds):,.1f} s")
            for name, seconds in named.items()
        ]

    def _floored(self, name: str, seconds: float) -> float:
        real = self.real(seconds)
        if not name.startswith("for: "):
            return real
        return max(real, DISAGREEING_SCRAPES * self.tick if seconds == DISAGREEING else DISCOVERY)

    def _shrunk(self, pattern: re.Pattern[str], text: str) -> str:
        def here(found: re.Match[str]) -> str:
            seconds = self._floored(found["before"], float(found[2]) * UNITS[found[3]])
            return f"{found['before']}{milliseconds(seconds)}{found['after']}"

        return pattern.sub(here, text)


def at_simulated_time(text: str, pace: Pace, clock: Clock) -> str:
    """Let rules read the fast clock where they compare it with the exporter's; the heartbeat stays real."""
    now = f"({clock.base_ns // NANOSECONDS} + (time() - {clock.origin_ns / NANOSECONDS:.3f}) * {clock.speed})"
    stale = round(max(600.0, MOST_SCRAPES * pace.tick * pace.speed))
    beat = round(pace.real(300))
    text = text.replace(STALE, STALE.replace("time()", now).replace("> 600", f"> {stale}"))
    return text.replace(BEAT, f"vector(time() - time() % {beat})")


def milliseconds(seconds: float) -> str:
    """Format a duration for both programs."""
    return f"{round(seconds * 1000)}ms"
