"""File systems on which inotify reports nothing."""

from pathlib import Path

import pytest

from exporter.watch.mounts import file_system_of, is_deaf

MOUNTS = r"""
22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:31 / /mnt/share rw shared:2 - nfs4 server:/export rw
31 22 0:32 / /mnt/share/local rw - xfs /dev/vdb rw
32 22 0:33 / /mnt/with\040space rw - fuse.sshfs host: rw
33 22 0:34 / /mnt/twice rw - ext4 /dev/vdc rw
34 33 0:35 / /mnt/twice rw - cifs //host/share rw
broken line
""".strip()


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/data", "ext4"),
        ("/mnt/share", "nfs4"),
        ("/mnt/share/events", "nfs4"),
        ("/mnt/shared", "ext4"),
        ("/mnt/share/local/events", "xfs"),
        ("/mnt/with space/events", "fuse.sshfs"),
        ("/mnt/twice/events", "cifs"),
    ],
)
def test_the_innermost_and_latest_mount_decides(tmp_path: Path, directory: str, kind: str) -> None:
    """Mounts cover each other."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert file_system_of(Path(directory), mounts) == kind


def test_without_a_list_of_mounts_the_file_system_is_unknown(tmp_path: Path) -> None:
    """For example on systems other than Linux."""
    assert file_system_of(tmp_path, tmp_path / "nothing") is None
    assert not is_deaf(None)


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "9p", "virtiofs", "fuse.sshfs", "fuse", "vboxsf", "osxfs"]
)
def test_network_and_shared_file_systems_are_deaf(kind: str) -> None:
    """Their files can change without this kernel noticing."""
    assert is_deaf(kind)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs", "fuseblk"])
def test_local_ones_are_not(kind: str) -> None:
    """Every change goes through this kernel."""
    assert not is_deaf(kind)
