"""Tell where the project and the system live, and what the disks behind them are made of."""

import re
from dataclasses import replace
from typing import NamedTuple

from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing, reported
from workstation.inventory._parse import Mount, find_mount, parse_count
from workstation.inventory._read import Source, because
from workstation.inventory.model import Medium, Storage, StorageDevice, Virtualization, Volume

SECTOR_BYTES = 512  # of /sys/block/*/size, whatever the disk's own sectors are
MAX_DISKS = 64
_NOT_DISKS = re.compile(r"^(loop|ram|zram|sr|fd|dm-|md|nbd|zd)\d*")
_NO_MEDIUM = re.compile(r"^(loop|nbd|rbd|zd|drbd|ram|zram)\d")
_VIRTUAL_DISKS = re.compile(r"^(vd|xvd)[a-z]")
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "cephfs", "lustre", "glusterfs", "beegfs", "9p"})
_IN_MEMORY = frozenset({"tmpfs", "ramfs", "rootfs"})
_HOW_DRIVE = "look up the drive's model, or the machine's data sheet"
_MOUNTS = "/proc/self/mountinfo"
_NOT_THERE = "lists no file system there"
_SIZE = "/sys/block/*/size"
_HOW_HOST = "look at the drive type on the host, or ask whoever runs it"


class Setting(NamedTuple):
    """What the storage rules need to know of the rest of the machine."""

    mounts: tuple[Mount, ...]
    virtualization: Virtualization


class Place(NamedTuple):
    """A folder, the mount that holds it, and where its facts go in the inventory."""

    path: str
    mount: Mount | None
    where: str


def read_storage(source: Source, setting: Setting, project: str, ledger: Ledger) -> Storage:
    """Read both volumes and, outside containers, the whole disks."""
    system_path = "/sysroot" if any(mount.point == "/sysroot" for mount in setting.mounts) else "/"
    here = Place(path=project, mount=find_mount(setting.mounts, source.real(project)), where="storage.project")
    there = Place(path=system_path, mount=find_mount(setting.mounts, system_path), where="storage.system")
    project_volume = _volume(source, setting, here, ledger)
    system_volume = _volume(source, setting, there, ledger)
    shared = ledger.take(
        "storage.project.shared_with_system",
        _shared(source, here.mount, there.mount, project_volume, system_volume),
    )
    return Storage(
        project=replace(project_volume, shared_with_system=shared),
        system=system_volume,
        devices=_devices(source, setting.virtualization, ledger),
    )


def _volume(source: Source, setting: Setting, place: Place, ledger: Ledger) -> Volume:
    space, mount, where = source.space(place.path), place.mount, place.where
    lost: Fact[int] = missing("the file system did not answer how big it is", "run df -h . in the project folder")
    unmounted: Fact[str] = missing(because(source, _MOUNTS, _NOT_THERE), "run df -T . there")
    return Volume(
        total_bytes=ledger.take(f"{where}.total_bytes", measured(space.total_bytes, "statvfs") if space else lost),
        free_bytes=ledger.take(f"{where}.free_bytes", measured(space.free_bytes, "statvfs") if space else lost),
        filesystem=ledger.take(f"{where}.filesystem", measured(mount.filesystem, _MOUNTS) if mount else unmounted),
        medium=ledger.take(f"{where}.medium", _volume_medium(source, setting, mount)) or "unknown",
    )


def _shared(source: Source, project: Mount | None, system: Mount | None, here: Volume, there: Volume) -> Fact[bool]:
    """Tell whether filling the project folder fills the system's disk too."""
    if project is None or system is None:
        return missing(because(source, _MOUNTS, _NOT_THERE), "compare df . with df / by hand")
    same = project.point == system.point or _one_file_system(project, system)
    sizes = (here.total_bytes, here.free_bytes)
    # An overlay answers with the size of the disk that it writes to.
    same = same or (None not in sizes and sizes == (there.total_bytes, there.free_bytes))
    return inferred(same, "/proc/self/mountinfo and statvfs")


def _one_file_system(one: Mount, other: Mount) -> bool:
    if one.filesystem != other.filesystem:
        return False
    if one.filesystem == "zfs":  # data sets share their pool's space
        return one.source.split("/")[0] == other.source.split("/")[0]
    on_block_device = not one.device.startswith("0:") or one.source.startswith("/dev/")
    return on_block_device and (one.device == other.device or one.source == other.source)


def _volume_medium(source: Source, setting: Setting, mount: Mount | None) -> Fact[Medium]:
    if mount is None:
        return missing(because(source, _MOUNTS, _NOT_THERE), _HOW_DRIVE)
    hidden = _no_disk_behind(mount)
    if hidden:
        return missing(*hidden)
    disk = _block_name(source, mount)
    if disk is None:
        return missing("no block device could be found behind this file system", _HOW_DRIVE)
    fact = _medium(source, setting.virtualization, disk)
    return fact if fact.value is None else inferred(fact.value, f"/proc/self/mountinfo, then {fact.source}")


def _no_disk_behind(mount: Mount) -> tuple[str, str] | None:
    kind = mount.filesystem
    if kind in {"overlay", "aufs"}:
        return "only a layered file system is visible, not the disk below it", _HOW_HOST
    if kind in _NETWORK or kind.startswith(("fuse.", "virtiofs")) or kind == "drvfs":
        return "the folder is served over a network or by the host", _HOW_HOST
    if kind in _IN_MEMORY:
        return "the file system lives in memory, not on a disk", "save the project on a disk instead"
    if kind == "zfs":
        return "a ZFS pool can span disks of several kinds", "run zpool status"
    return None


def _block_name(source: Source, mount: Mount) -> str | None:
    """Return the block device's kernel name; Btrfs hides the number, so its source is looked up by name."""
    target = None if mount.device.startswith("0:") else source.link(f"/sys/dev/block/{mount.device}")
    if target:
        return target.rsplit("/", 1)[-1]
    name = mount.source.rsplit("/", 1)[-1]
    if mount.source.startswith("/dev/mapper/"):
        return _mapped_name(source, name)
    known = mount.source.startswith("/dev/") and source.link(f"/sys/class/block/{name}") is not None
    return name if known else None


def _mapped_name(source: Source, name: str) -> str | None:
    blocks = source.names("/sys/block") or ()
    mapped = [block for block in blocks if block.startswith("dm-")][:MAX_DISKS]
    return next((block for block in mapped if (source.read(f"/sys/block/{block}/dm/name") or "").strip() == name), None)


def _medium(source: Source, virtualization: Virtualization, name: str, depth: int = 4) -> Fact[Medium]:
    """Follow encryption, volume groups and arrays down to whole disks; they must agree."""
    below = source.names(f"/sys/class/block/{name}/slaves") or ()
    if not below:
        return _disk_medium(source, virtualization, _whole_disk(source, name))
    if depth == 0:
        return missing("the disks are stacked too deep to follow", _HOW_DRIVE)
    facts = [_medium(source, virtualization, part, depth - 1) for part in below[:MAX_DISKS]]
    if len({fact.value for fact in facts}) > 1:
        return missing("the volume spans disks of several kinds", "run lsblk -o NAME,ROTA,TYPE")
    return facts[0]


def _whole_disk(source: Source, name: str) -> str:
    """Return the disk of a partition: the folder above it in the kernel's tree."""
    if not source.exists(f"/sys/class/block/{name}/partition"):
        return name
    parts = (source.link(f"/sys/class/block/{name}") or "").rstrip("/").split("/")
    return parts[-2] if len(parts) > 1 else name


def _disk_medium(source: Source, virtualization: Virtualization, disk: str) -> Fact[Medium]:
    hidden = _why_hidden(source, virtualization, disk)
    if hidden:
        return missing(*hidden)
    if disk.startswith("nvme"):
        return reported("nvme", "/sys/block device name")
    rotational = parse_count(source.read(f"/sys/block/{disk}/queue/rotational"))
    if rotational is None:
        return missing("the block device does not say whether it rotates", _HOW_DRIVE)
    return reported("hdd" if rotational else "ssd", "/sys/block/*/queue/rotational")


def _why_hidden(source: Source, virtualization: Virtualization, disk: str) -> tuple[str, str] | None:
    if virtualization in {"vm", "wsl2"} or _VIRTUAL_DISKS.match(disk):
        return "the disk is virtual: what the host keeps it on cannot be seen from inside", _HOW_HOST
    if _NO_MEDIUM.match(disk):
        return "the file system lies in an image file, in memory or on another machine's disk", _HOW_DRIVE
    if disk.startswith("mmcblk"):
        return "memory cards and eMMC are none of the kinds told apart here", "time a large copy"
    if "/usb" in (source.link(f"/sys/block/{disk}") or ""):
        return "a USB bridge does not pass on what kind of drive is behind it", _HOW_DRIVE
    return None


def _devices(source: Source, virtualization: Virtualization, ledger: Ledger) -> tuple[StorageDevice, ...]:
    names = source.names("/sys/block")
    if virtualization == "container" or names is None:
        why = "/sys/block could not be listed" if names is None else "a container sees its host's disks, not its own"
        ledger.take("storage.devices", missing(why, "run lsblk on the host, or ask whoever runs it"))
        return ()
    disks = [(name, _size(source, name)) for name in names if not _NOT_DISKS.match(name)]
    present = [(name, size) for name, size in disks if size != 0][:MAX_DISKS]  # card readers without a card say 0
    if not present:
        ledger.take("storage.devices", measured((), "/sys/block lists no disk"))
    return tuple(_device(source, virtualization, ledger, index, disk) for index, disk in enumerate(present))


def _size(source: Source, name: str) -> int | None:
    sectors = parse_count(source.read(f"/sys/block/{name}/size"))
    return None if sectors is None else sectors * SECTOR_BYTES


def _device(
    source: Source, virtualization: Virtualization, ledger: Ledger, index: int, disk: tuple[str, int | None]
) -> StorageDevice:
    (name, size), where = disk, f"storage.devices.{index}"
    sized: Fact[int] = (
        missing("the disk does not tell its size", "run lsblk") if size is None else measured(size, _SIZE)
    )
    ledger.take(f"{where}.name", measured(name, "/sys/block"))
    return StorageDevice(
        name=name,
        size_bytes=ledger.take(f"{where}.size_bytes", sized),
        medium=ledger.take(f"{where}.medium", _disk_medium(source, virtualization, name)) or "unknown",
    )
