"""Tell where a Mac's project and system live, and what the disks behind them are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing, reported
from workstation.inventory._parse_macos import MacDisks, MacProfile, parse_df_device, parse_whole_disk
from workstation.inventory._read import Source
from workstation.inventory.model import Medium, Storage, StorageDevice, Volume

_NETWORK = frozenset({"smbfs", "nfs", "afpfs", "webdav", "ftp", "acfs"})
_HOW_DISK = "open Disk Utility and choose the drive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a folder is: the file system's kind, and the disk or APFS container below it."""

    filesystem: str | None
    disk: str | None
    device: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disks:
    """What the storage rules need to know: drives, containers, and the two places."""

    profile: MacProfile
    listed: MacDisks
    project: Place
    system: Place
    are_virtual: bool


def find_place(df: str | None, mounts: Mapping[str, str]) -> Place:
    """Say where a folder is, from what ``df -P`` and ``mount`` printed."""
    found = parse_df_device(df or "")
    if found is None:
        return Place(filesystem=None, disk=None, device=None)
    return Place(filesystem=mounts.get(found[1]), disk=parse_whole_disk(found[0]), device=found[0])


def read_storage(source: Source, disks: Disks, project: str, ledger: Ledger) -> Storage:
    """Read both volumes and the whole disks."""
    at_project = _volume(source, disks, disks.project, (project, "storage.project"), ledger)
    shared = ledger.take("storage.project.shared_with_system", _shared(disks.project, disks.system))
    return Storage(
        project=replace(at_project, shared_with_system=shared),
        system=_volume(source, disks, disks.system, ("/", "storage.system"), ledger),
        devices=_devices(disks, ledger),
    )


def _shared(here: Place, there: Place) -> Fact[bool]:
    """Volumes of one APFS container draw on the same free space, so their sizes must not be added."""
    if here.device is None or there.device is None:
        return missing("df did not answer", "compare df . with df / by hand")
    same_container = here.filesystem == there.filesystem == "apfs" and here.disk == there.disk is not None
    return inferred(here.device == there.device or same_container, "df and the APFS containers that it names")


def _volume(source: Source, disks: Disks, place: Place, where: tuple[str, str], ledger: Ledger) -> Volume:
    path, key = where
    space = source.space(path)
    lost: Fact[int] = missing("the file system did not answer how big it is", "run df -h . in the project folder")
    unmounted: Fact[str] = missing("mount lists no file system there", "run mount in Terminal")
    named = measured(place.filesystem, "mount") if place.filesystem else unmounted
    return Volume(
        total_bytes=ledger.take(f"{key}.total_bytes", measured(space.total_bytes, "statvfs") if space else lost),
        free_bytes=ledger.take(f"{key}.free_bytes", measured(space.free_bytes, "statvfs") if space else lost),
        filesystem=ledger.take(f"{key}.filesystem", named),
        medium=ledger.take(f"{key}.medium", _place_medium(disks, place)) or "unknown",
    )


def _place_medium(disks: Disks, place: Place) -> Fact[Medium]:
    if place.filesystem in _NETWORK:
        return missing("the folder is served over a network", "ask whoever runs the server")
    if disks.are_virtual:
        return missing("the disk of a virtual Mac is a file on its host", "look at the drive of the host")
    if place.disk is None:
        return missing("no disk could be found behind this file system", _HOW_DISK)
    below = disks.listed.stores.get(place.disk, (place.disk,))
    kinds = {_disk_medium(disks, disk, place.disk) for disk in below}
    if len(kinds) > 1:
        return missing("the volume spans disks of several kinds, as a Fusion Drive does", _HOW_DISK)
    kind = kinds.pop()
    return inferred(kind, "df, diskutil and system_profiler") if kind else missing("no tool names its kind", _HOW_DISK)


def _disk_medium(disks: Disks, disk: str, container: str | None = None) -> Medium | None:
    if disk in disks.profile.nvme_disks:
        return "nvme"
    holders = {disk, container} | {name for name, below in disks.listed.stores.items() if below == (disk,)}
    # A volume that spans two disks says nothing of either.
    single = {name for name in holders if len(disks.listed.stores.get(name or "", (disk,))) == 1}
    kinds = {volume.medium for volume in disks.profile.volumes if volume.disk in single} - {"unknown"}
    return kinds.pop() if len(kinds) == 1 else None


def _devices(disks: Disks, ledger: Ledger) -> tuple[StorageDevice, ...]:
    if not disks.listed.sizes:
        ledger.take("storage.devices", missing("diskutil lists no disk", _HOW_DISK))
    found = []
    for index, (name, size) in enumerate(disks.listed.sizes.items()):
        where, kind = f"storage.devices.{index}", None if disks.are_virtual else _disk_medium(disks, name)
        ledger.take(f"{where}.name", measured(name, "diskutil"))
        sized: Fact[int] = measured(size, "diskutil") if size else missing("diskutil gives no size", _HOW_DISK)
        medium: Fact[Medium] = (
            reported(kind, "system_profiler") if kind else missing("system_profiler does not name its kind", _HOW_DISK)
        )
        found.append(
            StorageDevice(
                name=name,
                size_bytes=ledger.take(f"{where}.size_bytes", sized),
                medium=ledger.take(f"{where}.medium", medium) or "unknown",
            )
        )
    return tuple(found)
