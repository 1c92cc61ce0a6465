"""Addresses of object storage as paths: ``s3://bucket/raw`` is ``Path("s3:/bucket/raw")``."""

from pathlib import Path, PurePath

from exporter.errors import UserError

SCHEMES = ("s3", "gs", "abfs", "abfss", "hdfs")
_FIRST = frozenset(f"{scheme}:" for scheme in SCHEMES)
_LEAST = 2  # parts: the scheme and a bucket


def is_remote(path: PurePath) -> bool:
    """Return whether a path is on object storage."""
    return bool(path.parts) and path.parts[0] in _FIRST


def shown(path: PurePath) -> str:
    """Return a path as people write it."""
    return f"{path.parts[0]}//{'/'.join(path.parts[1:])}" if is_remote(path) else str(path)


def refuse_unusable(path: Path, where: str) -> None:
    """Raise UserError for an address that cannot be used, or that has a credential in it.

    Credentials are not repeated. An account before the ``@`` is part of Azure's addresses, and not secret.
    """
    first = path.parts[0] if path.parts else ""
    scheme = first.removesuffix(":")
    if scheme == first or len(scheme) == 1:  # a single letter is a drive
        return
    if scheme not in SCHEMES:
        raise UserError(
            f"{where}: unknown scheme {scheme}://, known: {', '.join(f'{one}://' for one in SCHEMES)}"
        )
    if len(path.parts) < _LEAST:
        raise UserError(f"{where}: {scheme}:// has no bucket; expected {scheme}://bucket/folder")
    user, at, _ = path.parts[1].rpartition("@")
    if at and (":" in user or not scheme.startswith("abfs")):
        raise UserError(
            f"{where}: an address must not contain credentials; they come from the environment (variables, "
            "profile, role), see docs/places.md"
        )
    if "?" in str(path) or "#" in path.parts[1]:
        raise UserError(
            f"{where}: an address must not contain ?…; set the endpoint with places.endpoint or "
            "AWS_ENDPOINT_URL"
        )


def can_be_there(folder: Path) -> bool:
    """Return whether a folder exists. Object storage is not queried: the pass reports what it finds."""
    return is_remote(folder) or folder.is_dir()


def refuse_remote(path: Path | None, words: str) -> None:
    """Raise UserError for an address where a local folder is required; ``words`` say why."""
    if path is not None and is_remote(path):
        refuse_unusable(path, "the address")  # an address with credentials is not repeated
        raise UserError(f"{shown(path)}: {words}")
