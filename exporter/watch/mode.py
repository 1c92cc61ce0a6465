"""How the directory is watched."""

from enum import StrEnum


class Mode(StrEnum):
    """What is configured; ``auto`` asks the file system."""

    AUTO = "auto"
    INOTIFY = "inotify"
    POLLING = "polling"
