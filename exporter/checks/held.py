"""What everybody must hear of a finding that holds the load: that it does, and what ends that."""

from exporter.checks.check import Alert, State


def held_words(partition: str) -> str:
    """Say that a day is held, and the command that releases it."""
    return (
        f"Load of {partition} is held. "
        f"To release it: puffy-exporter gate ack {partition} --by NAME --reason TEXT"
    )


def told_of(alert: Alert) -> str | None:
    """Return the words for an alert, ``None`` if it holds nothing or a person has answered for it."""
    holds = alert.blocks and alert.state is not State.ACKNOWLEDGED
    return held_words(alert.partition.isoformat()) if holds else None
