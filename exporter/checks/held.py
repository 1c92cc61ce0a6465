"""The sentence about a held load in every message: that it is held, and how to release it."""

from exporter.checks.check import Alert, State


def held_words(partition: str) -> str:
    """Say that a day is held, and the command that releases it."""
    return (
        f"Load of {partition} is held. "
        f"To release it: puffy-exporter gate ack {partition} --by NAME --reason TEXT"
    )


def told_of(alert: Alert) -> str | None:
    """Return the words for an alert, ``None`` if it holds nothing or is acknowledged."""
    holds = alert.blocks and alert.state is not State.ACKNOWLEDGED
    return held_words(alert.partition.isoformat()) if holds else None
