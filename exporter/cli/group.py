"""A command group whose help shows each command's whole sentence."""

from typing import Any

from typer.core import TyperGroup


class Group(TyperGroup):
    """Lists its commands unabridged: click truncates sentences at the end of the line."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        verbs = [verb for name in self.list_commands(ctx) if (verb := self.get_command(ctx, name))]
        with formatter.section("Commands"):
            formatter.write_dl([(verb.name, sentence(verb.help or "")) for verb in verbs])


def sentence(text: str) -> str:
    """Return a docstring's first paragraph as one line."""
    return " ".join(text.strip().partition("\n\n")[0].split())
