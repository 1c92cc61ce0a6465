"""The integrations' settings as plain values, and their credentials, which must never be shown."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from exporter.errors import UserError, reason_of

PLACEHOLDER_UUID = "00000000-0000-0000-0000-000000000000"  # in bodies that are only shown


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """Where tables are in Monte Carlo, timeouts and waits. Durations in seconds."""

    automatic: bool = False
    endpoint: str = "https://integrations.getmontecarlo.com"
    credentials_file: Path | None = None
    resource_uuid: str | None = None
    resource_type: str = "data-lake"
    etl_resource_uuid: str | None = None  # None: the resource's
    etl_resource_type: str = "custom-etl-connector"
    database: str = "puffy"
    database_schema: str = "events"
    warehouse_table: str = "puffy:events.clean_events"
    timeout_seconds: float = 10.0
    longest_wait_seconds: float = 8.0  # between attempts


@dataclass(frozen=True, slots=True)
class OpenLineage:
    """Where events go: to a collector, to a file, or to both."""

    automatic: bool = False
    url: str | None = None
    file: Path | None = None
    namespace: str = "puffy"
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """An integration key with the scope ``Ingestion``."""

    key_id: str = field(repr=False)
    token: str = field(repr=False)


def read_credentials(file: Path | None, environment: Mapping[str, str] = os.environ) -> Credentials:
    """Read the key from MCD_INGEST_ID and MCD_INGEST_TOKEN, or from a YAML file with ``id`` and ``token``.

    Raises UserError, which never quotes the values.
    """
    key_id, token = environment.get("MCD_INGEST_ID", ""), environment.get("MCD_INGEST_TOKEN", "")
    if key_id and token:
        return Credentials(key_id, token)
    if key_id or token:
        raise UserError("only one of MCD_INGEST_ID and MCD_INGEST_TOKEN is set")
    if file is None:
        raise UserError(
            "no Monte Carlo key: set MCD_INGEST_ID and MCD_INGEST_TOKEN, "
            "or integrations.montecarlo.credentials_file"
        )
    try:
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{file}: {reason_of(error)}") from None
    except (UnicodeDecodeError, yaml.YAMLError):
        raise UserError(f"{file}: not YAML") from None
    if not isinstance(written, dict) or not all(
        isinstance(written.get(key), str) and written[key].strip() for key in ("id", "token")
    ):
        raise UserError(f"{file}: must contain the keys id and token, both text")
    return Credentials(written["id"].strip(), written["token"].strip())
