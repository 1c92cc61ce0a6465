"""How the directory is watched."""

from enum import StrEnum


class Mode(StrEnum):
    """The configured mode; ``auto`` depends on the file system."""

    AUTO = "auto"
    INOTIFY = "inotify"
    POLLING = "polling"
