"""A contract's schema objects and servers, as tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from exporter.contract.columns import column_of
from exporter.contract.node import Node, Value
from exporter.errors import UserError
from exporter.feed import Column, Form, Table
from exporter.model import Stage
from exporter.places.url import is_remote, refuse_unusable
from exporter.profiling.pack import known_packs
from exporter.profiling.transcode import is_text
from exporter.template import PLACE, PathTemplate, TemplateError

ROLES: Mapping[str, Stage] = {"raw": Stage.RAW, "accepted": Stage.CLEAN, "rejected": Stage.REJECTS}
DELIMITERS: Mapping[str, str] = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "pipe": "|",
    "\\t": "\t",
    "\\x01": "\x01",
}
ANY = "any"  # by the name of each file
FORMATS: Mapping[str, str] = {
    "csv": "csv",
    "parquet": "parquet",
    **dict.fromkeys(("ndjson", "jsonl", "json"), "ndjson"),
    ANY: "",
}
STORAGE = ("s3", "azure", "custom")  # server types whose ``location`` may be an address of files
SAMPLES = (date(2025, 3, 9), date(2024, 12, 31))
EXAMPLE = "events_{date:%Y%m%d}.csv"


@dataclass(frozen=True, slots=True)
class Source:
    """The files' location and format; ``path`` is the server's pattern of their names."""

    form: Form = field(default_factory=Form)
    directory: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A table, with the node of the contract that it was read from."""

    table: Table
    node: Node
    own: Mapping[str, Value]


def source_of(contract: Node) -> Source:
    """Return the files of the first file server; other servers are not supported."""
    chosen = None
    for server in contract.nodes("servers"):
        own = server.own("server")
        if server.text("type") != "local" and not _is_storage(server):
            server.beyond(
                f"{server.text('type')} servers are ignored; only the first local one is used", "type"
            )
        elif chosen is not None:
            server.beyond("only the first local server is used", "server")
        else:
            chosen = (server, own)
    if chosen is None:
        return Source()
    server, own = chosen
    where = "location" if server.text("type") != "local" else "path"
    directory, path = _split(server.text(where))
    if directory is not None and "://" in directory:  # a local folder may be named "a:"
        try:
            refuse_unusable(Path(directory), "it")
        except UserError as error:
            server.wrong(str(error).removeprefix("it: "), where)
    return Source(_form(server, own), directory, path)


def _is_storage(server: Node) -> bool:
    """Return whether a server's files are on object storage and in a supported format."""
    location, written = server.text("location"), (server.text("format") or ANY).strip().lower()
    if server.text("type") not in STORAGE or location is None or "*" in location:
        return False
    return is_remote(Path(location)) and written in FORMATS


def _split(path: str | None) -> tuple[str | None, str | None]:
    """Split a path with a date in it into the folder that holds all files and the rest."""
    if path is None or not path.strip():
        return None, None
    if PLACE.search(path) is None:
        return path, None
    parts = path.split("/")
    first = next(index for index, part in enumerate(parts) if PLACE.search(part))
    folder = "/".join(parts[:first])
    return (folder or ("/" if path.startswith("/") else None)), "/".join(parts[first:])


def _form(server: Node, own: Mapping[str, Value]) -> Form:
    written = (server.text("format") or ANY).strip().lower()
    if written not in FORMATS:
        server.wrong(f"must be csv, parquet, ndjson or {ANY}, not {written}", "format")
    form = Form(format=FORMATS.get(written, ""))
    for name in ("delimiter", "quote"):
        if name in own:
            form = replace(form, **{name: _sign(own[name]) or getattr(form, name)})
    if form.delimiter == form.quote:
        own["quote" if "quote" in own else "delimiter"].wrong("delimiter and quote must differ")
    encoding = server.text("encoding")
    if encoding is not None:
        if not is_text(encoding):
            server.wrong(f"unknown encoding {encoding!r}", "encoding")
        else:
            form = replace(form, encoding=encoding.lower())
    return form


def _sign(value: Value) -> str | None:
    """Return a delimiter or quote, a byte in UTF-8."""
    sign = DELIMITERS.get(str(value.value), value.value)
    if isinstance(sign, str) and len(sign) == 1 and sign.isascii() and sign not in "\0\r\n":
        return sign
    value.wrong("must be one ASCII character")
    return None


def tables_of(contract: Node, source: Source) -> dict[Stage, Read]:
    """Return the tables by stage; two with the same stage or path are a mistake."""
    nodes = contract.nodes("schema")
    found: dict[Stage, Read] = {}
    for node in nodes:
        own = node.own("table")
        stage = _stage(node, own, alone=len(nodes) == 1)
        table = _table(node, own, stage or Stage.RAW, source)
        if stage is None:
            continue
        if stage in found:
            node.wrong(f"{found[stage].table.name} is already the {_role(stage)} table", "name")
            continue
        for other in found.values():
            if table is not None and _meet(table.path, other.table.path):
                node.wrong(f"{other.table.name} has the same path", _path_key(node))
        found[stage] = Read(table or _placeless(node, stage), node, own)
    if Stage.RAW not in found:
        contract.wrong(
            "no table has the stage raw, from which all others derive" if nodes else "there is no table",
            "schema",
        )
    return found


def _role(stage: Stage) -> str:
    return next(role for role, known in ROLES.items() if known is stage)


def _placeless(node: Node, stage: Stage) -> Table:
    """Return a placeholder for a table with an invalid path, so that the rest of it is checked too."""
    return Table(node.text("name") or "", stage, PathTemplate(EXAMPLE), ())


def _stage(node: Node, own: Mapping[str, Value], *, alone: bool) -> Stage | None:
    if "stage" in own:
        chosen = own["stage"].choice(ROLES)
        return None if chosen is None else ROLES[chosen]
    if not alone:
        node.wrong(
            "with several tables, each needs the custom property stage: raw, accepted or rejected",
            "name",
        )
        return None
    return Stage.RAW


def _path_key(node: Node) -> str:
    return "physicalName" if "physicalName" in node else "name"


def _meet(one: PathTemplate, other: PathTemplate) -> bool:
    return one.text == other.text or all(one.format(day) == other.format(day) for day in SAMPLES)


def _table(node: Node, own: Mapping[str, Value], stage: Stage, source: Source) -> Table | None:
    packs = tuple(own["pack"].words()) if "pack" in own else ()
    for pack in packs:
        if pack not in known_packs():
            own["pack"].wrong(f"there is no pack {pack!r} (known: {', '.join(known_packs())})")
    columns = tuple(column_of(entry, packed=bool(packs)) for entry in node.nodes("properties"))
    _refuse_doubles(node, columns)
    if not columns and not packs:
        node.wrong("a table needs columns", "properties" if "properties" in node else "name")
    path = _path(node, source)
    if path is None:
        return None
    return Table(
        name=(node.text("name") or "").strip(),
        stage=stage,
        path=path,
        columns=columns,
        form=source.form,
        key=_key(node),
        packs=packs,
        description=node.text("description") or "",
        success_file=_success_file(own),
    )


def _success_file(own: Mapping[str, Value]) -> str:
    name = own["successFile"].text() if "successFile" in own else None
    if name is not None and "/" in name:
        own["successFile"].wrong("must be the name of a file in the day's folder, such as _SUCCESS")
    return name or ""


def _path(node: Node, source: Source) -> PathTemplate | None:
    written = node.text("physicalName") or source.path
    if written is None:
        node.wrong(f"physicalName is missing: the path of a day's file, such as {EXAMPLE}", "name")
        return None
    try:
        return PathTemplate(written)
    except TemplateError as error:
        node.wrong(str(error), _path_key(node))
        return None


def _refuse_doubles(node: Node, columns: Sequence[Column]) -> None:
    """Note ambiguous names, and roles that only one column can have."""
    entries = node.nodes("properties")
    owners: dict[str, str] = {}
    for column, entry in zip(columns, entries, strict=True):
        if not column.name:
            entry.wrong("a column needs a name", "name")
        elif column.name in owners:
            entry.wrong(f"the column {column.name} already exists", "name")
        owners.setdefault(column.name, column.name)
    for column, entry in zip(columns, entries, strict=True):
        for alias in column.aliases:
            owner = owners.setdefault(alias, column.name)
            if owner != column.name or alias == column.name:
                taken = "the name" if owner == alias else "an alias"
                entry.wrong(f"the alias {alias} is {taken} of {owner}", *_alias_key(entry))
            elif column.aliases.count(alias) > 1:
                entry.wrong(f"the alias {alias} appears twice", *_alias_key(entry))
                break
    for role, words in (
        ("event_time", "already says when events happened"),
        ("reason", "already says why rows were rejected"),
    ):
        chosen = [pair for pair in zip(columns, entries, strict=True) if getattr(pair[0], role)]
        for _, entry in chosen[1:]:
            entry.wrong(f"{chosen[0][0].name} {words}", "name")


def _alias_key(entry: Node) -> tuple[Any, ...]:
    for index, custom in enumerate(entry.nodes("customProperties")):
        if custom.text("property") == "aliases":
            return ("customProperties", index, "value")
    return ("physicalName",)


def _key(node: Node) -> tuple[str, ...]:
    """Return the primary key, or otherwise the first unique column."""
    primary, unique = [], []
    for index, entry in enumerate(node.nodes("properties")):
        name = (entry.text("name") or "").strip()
        if entry.flag("primaryKey"):
            position = entry.number("primaryKeyPosition")
            primary.append(
                (position if position is not None and position >= 0 else float("inf"), index, name, entry)
            )
        if entry.flag("unique"):
            unique.append((name, entry))
    key = tuple(name for _, _, name, _ in sorted(primary, key=lambda found: found[:2])) or tuple(
        name for name, _ in unique[:1]
    )
    for position, entry in _doubled(primary):
        entry.wrong(f"position {position:g} of the key is already taken", "primaryKeyPosition")
    for name, entry in unique:
        if key != (name,):
            entry.beyond(
                f"only the key ({', '.join(key)}) is checked: use a duplicateValues rule for this one",
                "unique",
            )
    return key


def _doubled(primary: Sequence[tuple[float, int, str, Node]]) -> Iterator[tuple[float, Node]]:
    seen: set[float] = set()
    for position, _, _, entry in primary:
        if position in seen and position != float("inf"):
            yield position, entry
        seen.add(position)
