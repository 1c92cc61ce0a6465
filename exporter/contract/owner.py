"""The owner of a feed in its contract."""

from exporter.contract.node import Node
from exporter.feed import Owner


def owner_of(contract: Node) -> Owner:
    """Return the team and its contact; what is missing in the contract keeps its default."""
    team = contract.node("team")
    members = team.nodes("members") or contract.nodes("team")  # versions before v3.1 have a bare list
    named = line(team.text("name"))
    contact = _member(members) or _channel(contract.nodes("support"))
    return Owner(named or Owner().team, contact)


def _member(members: list[Node]) -> str | None:
    ranked = sorted(members, key=lambda member: (member.text("role") or "").lower() != "owner")
    return next((line(member.text("username")) for member in ranked if line(member.text("username"))), None)


def _channel(channels: list[Node]) -> str | None:
    for channel in channels:
        address = (channel.text("url") or "").removeprefix("mailto:")
        found = line(address) or line(channel.text("channel"))
        if found is not None:
            return found
    return None


def line(text: str | None) -> str | None:
    """Return a text as one printable line, or ``None`` if nothing is left."""
    if text is None:
        return None
    return (
        "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split())).strip() or None
    )
