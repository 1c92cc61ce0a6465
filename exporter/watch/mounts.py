"""Where inotify reports nothing: file systems that are changed elsewhere."""

from pathlib import Path

# Another machine, or another kernel, changes the files and this one is not informed.
DEAF = frozenset(
    {
        "9p", "acfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "gfs2", "glusterfs", "gpfs",
        "grpcfuse", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "osxfs", "prl_fs", "smb2", "smb3", "smbfs",
        "vboxsf", "virtiofs", "vmhgfs",
    }
)  # fmt: skip


def file_system_of(directory: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """Return the type of the file system of ``directory``, or ``None`` if unknown."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
        real = directory.resolve()
    except OSError:
        return None
    best: tuple[int, str] | None = None
    for line in lines:
        point, kind = _parse(line)
        if point is not None and (real == point or point in real.parents):
            depth = len(point.parts)
            if best is None or depth >= best[0]:  # of two mounts on one point the later hides the earlier
                best = (depth, kind)
    return None if best is None else best[1]


def is_deaf(kind: str | None) -> bool:
    """Return whether inotify is incomplete on this type of file system."""
    return kind is not None and (kind in DEAF or kind == "fuse" or kind.startswith("fuse."))


def _parse(line: str) -> tuple[Path | None, str]:
    """Read a line of mountinfo: ``36 35 98:0 /root /mount/point options - type source super``."""
    before, _, after = line.partition(" - ")
    fields, kinds = before.split(" "), after.split(" ")
    point_field = 4
    if len(fields) <= point_field or not kinds[0]:
        return None, ""
    point = fields[point_field].encode().decode("unicode_escape").encode("latin-1").decode(errors="replace")
    return Path(point), kinds[0]
