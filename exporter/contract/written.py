"""The checks of a contract, validated like those of the configuration."""

import re
from collections import Counter
from collections.abc import Collection, Container, Mapping
from typing import Any

from pydantic import ValidationError

from exporter.checks.catalogue import merge, shipped
from exporter.checks.spec import CheckSpec
from exporter.contract.node import Node
from exporter.nearest import did_you_mean
from exporter.strict import problems_of

NAME = re.compile(r"[a-z][a-z0-9_]*")
UNKNOWN_METRIC = re.compile(r"there is no metric '([^']*)'")


class Written:
    """Checks by name, in the configuration's form."""

    def __init__(self, metrics: Container[str], trends: Collection[str]) -> None:
        self.checks: dict[str, Mapping[str, Any]] = {}
        self._metrics = metrics
        self._trends = frozenset(trends)
        self._nodes: dict[str, Node] = {}

    def ships(self, name: str) -> bool:
        """Return whether the catalogue has a check with that name."""
        return name in shipped()

    def put(self, name: str, node: Node, fields: Mapping[str, Any]) -> None:
        """Add a valid check; a second one with the same name is a mistake."""
        if name in self.checks:
            node.wrong(f"the check {name} already exists", "name")
            return
        self.checks[name] = fields
        self._nodes[name] = node

    def add(self, name: str, node: Node, fields: Mapping[str, Any]) -> None:
        """Add a check as written, and note its mistakes."""
        if NAME.fullmatch(name) is None:
            node.wrong(
                f"{name!r} is not a check's name: lowercase letters, digits and _, starting with a letter"
            )
            return
        if name in self.checks:
            node.wrong(f"the check {name} already exists")
            return
        self.put(name, node, fields)
        under = shipped().get(name, {})
        try:
            spec = CheckSpec.model_validate(merge(under, fields))
        except ValidationError as error:
            self._refuse(name, node, error)
            return
        if spec.trend is not None and spec.trend not in self._trends:
            node.wrong(f"there is no trend {spec.trend!r}{did_you_mean(spec.trend, self._trends)}", "trend")

    def _refuse(self, name: str, node: Node, error: ValidationError) -> None:
        hint = "" if self.ships(name) else did_you_mean(name, shipped())
        for problem in problems_of(error, CheckSpec):
            unknown = UNKNOWN_METRIC.search(problem.reason)
            if unknown is None or unknown[1] not in self._metrics:
                node.wrong(problem.reason + hint, *problem.place)
                if hint:  # a misspelt name looks like a new check without most of its required fields
                    return

    def refuse_doubles(self) -> None:
        """Note the checks that share another one's alert."""
        if not self.checks:
            return
        known = {name: fields["alert"] for name, fields in shipped().items()}
        known |= {name: fields["alert"] for name, fields in self.checks.items() if "alert" in fields}
        count = Counter(map(str, known.values()))
        for name, node in self._nodes.items():
            if count[str(known.get(name))] > 1:
                node.wrong(f"the alert {known[name]} names more than one check")


def alert_of(name: str) -> str:
    """Return the name of a check's alert."""
    words = "".join(part.capitalize() for part in name.split("_"))
    return f"Puffy{words}" if len(words) > 1 else f"PuffyCheck{words}"
