"""Faults injected into a partition's facts, to see whether they would be detected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from exporter.errors import UserError
from exporter.model import ColumnFigures, PartitionFacts, Profile, Stage, StageFacts
from exporter.nearest import did_you_mean
from exporter.profiling.order_tally import NAME, WebOrders, orders_of


class Kind(StrEnum):
    """What goes wrong with a share of a day."""

    DROP = "drop"  # rows, orders and revenue are lost
    RISE = "rise"  # they are duplicated
    REVENUE = "revenue"  # revenue is lost, the rows stay
    REJECTS = "rejects"  # clean rows are rejected
    IDS = "ids"  # raw rows lose their client id


REVENUE = "puffy_partition_revenue"
VOLUMES = ("puffy_partition_rows", REVENUE, "puffy_partition_checkouts", "puffy_column_sum_of_values")
STRIKES: Mapping[Kind, tuple[str, ...]] = {  # the figures that a fault affects
    Kind.DROP: VOLUMES,
    Kind.RISE: VOLUMES,
    Kind.REVENUE: (REVENUE,),
    Kind.REJECTS: ("puffy_partition_reject_ratio",),
    Kind.IDS: ("puffy_partition_missing_ratio",),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault, and the share of the day that it affects."""

    kind: Kind
    share: float


def parse_fault(text: str) -> Fault:
    """Read ``drop=0.3``; raises UserError."""
    name, _, share = text.partition("=")
    try:
        fault = Fault(Kind(name.strip()), float(share))
    except ValueError:
        raise UserError(
            f"--inject: {text!r} is not one of {', '.join(Kind)} with a share, such as drop=0.3"
            f"{'' if name in set(Kind) else did_you_mean(name, Kind)}"
        ) from None
    if not 0 < fault.share <= 1:
        raise UserError(f"--inject: {fault.share:g} is not a share above 0 and up to 1")
    return fault


def inject(facts: PartitionFacts, fault: Fault) -> PartitionFacts:
    """Return the partition with the fault. Counts are rounded to whole rows."""
    if fault.kind is Kind.REJECTS:
        return replace(facts, stages=_rejected(facts.stages, fault.share))
    change = _CHANGES[fault.kind]
    return replace(
        facts,
        stages={
            stage: known
            if known.profile is None
            else replace(known, profile=change(known.profile, stage, fault.share), identity="")
            for stage, known in facts.stages.items()
        },
    )


def _lost(profile: Profile, stage: Stage, share: float) -> Profile:
    del stage
    return _scaled(profile, 1 - share)


def _doubled(profile: Profile, stage: Stage, share: float) -> Profile:
    del stage
    return _scaled(profile, 1 + share)


def _cheap(profile: Profile, stage: Stage, share: float) -> Profile:
    del stage
    orders = orders_of(profile)
    if orders is None:
        return profile
    return replace(
        profile, packs={**profile.packs, NAME: replace(orders, revenue=orders.revenue * (1 - share))}
    )


def _nameless(profile: Profile, stage: Stage, share: float) -> Profile:
    if stage is not Stage.RAW or "client_id" not in profile.missing:
        return profile
    named = profile.rows - profile.missing["client_id"]
    lost = profile.missing["client_id"] + round(named * share)
    return replace(profile, missing={**profile.missing, "client_id": lost})


_CHANGES: Mapping[Kind, Callable[[Profile, Stage, float], Profile]] = {
    Kind.DROP: _lost,
    Kind.RISE: _doubled,
    Kind.REVENUE: _cheap,
    Kind.IDS: _nameless,
}


def _rejected(stages: Mapping[Stage, StageFacts], share: float) -> Mapping[Stage, StageFacts]:
    clean, rejects = stages.get(Stage.CLEAN), stages.get(Stage.REJECTS)
    if clean is None or rejects is None or clean.profile is None or rejects.profile is None:
        return stages
    moved = round(clean.profile.rows * share)
    grown = replace(rejects.profile, rows=rejects.profile.rows + moved)
    left = replace(_scaled(clean.profile, 1 - share), rows=clean.profile.rows - moved)
    return {
        **stages,
        Stage.CLEAN: replace(clean, profile=left, identity=""),
        Stage.REJECTS: replace(rejects, profile=grown, identity=""),
    }


def _scaled(profile: Profile, factor: float) -> Profile:
    orders = orders_of(profile)
    return replace(
        profile,
        rows=round(profile.rows * factor),
        malformed_rows=round(profile.malformed_rows * factor),
        missing=_few(profile.missing, factor),
        reasons=_few(profile.reasons, factor),
        figures={column: _scaled_column(known, factor) for column, known in profile.figures.items()},
        packs=profile.packs if orders is None else {**profile.packs, NAME: _scaled_orders(orders, factor)},
    )


def _scaled_orders(orders: WebOrders, factor: float) -> WebOrders:
    return replace(
        orders,
        events=_few(orders.events, factor),
        checkouts=round(orders.checkouts * factor),
        revenue=orders.revenue * factor,
        referrer_null=round(orders.referrer_null * factor),
        referrer_synthetic=round(orders.referrer_synthetic * factor),
    )


def _scaled_column(known: ColumnFigures, factor: float) -> ColumnFigures:
    """Scale what grows with the rows: counts and sums."""
    numbers = {
        name: round(number * factor)
        if name.endswith("_rows")
        else number * factor
        if name == "sum_of_values"
        else number
        for name, number in known.numbers.items()
    }
    return replace(known, numbers=numbers, values=_few(known.values, factor))


def _few(counts: Mapping[str, int], factor: float) -> dict[str, int]:
    return {name: round(count * factor) for name, count in counts.items()}
