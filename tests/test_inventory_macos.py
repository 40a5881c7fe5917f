"""What is read of a Mac: its commands' texts, its shared memory, its containers, and nothing private."""

import json
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.inventory import _parse_macos as parse
from workstation.inventory import from_document, read_from, to_document
from workstation.inventory._metal import ask_metal
from workstation.inventory._recorded import RecordedSource
from workstation.units import GIB, MIB

MACHINES = Path(__file__).parent / "machines"
MACS = sorted(path.parent for path in MACHINES.glob("macos-*/machine.toml"))

# command-outputs.md section 4h (wazuh issue 22113), and the header of an Apple chip (go-osstat PR 29).
INTEL_VM_STAT = """Mach Virtual Memory Statistics: (page size of 4096 bytes)
Pages free:                             6127229.
Pages active:                            485320.
Pages inactive:                          628646.
Pages speculative:                       430715.
"Translation faults":                  11477162.
Pages stored in compressor:                   0.
"""


def recording(slug):
    return tomllib.loads((MACHINES / slug / "machine.toml").read_text(encoding="utf-8"))


def project(slug):
    return tomllib.loads((MACHINES / slug / "about.toml").read_text(encoding="utf-8"))["project"]


def read(slug, **changes):
    return read_from(RecordedSource(recording(slug) | changes), project(slug))


def why(inv, what):
    return next(each.why for each in inv.unknowns if each.what == what)


def with_command(slug, part_of_name, text):
    """Return the recorded commands with the text of one replaced, found by a part of its command line."""
    commands = recording(slug)["commands"]
    name = next(name for name in commands if part_of_name in name)
    return commands | {name: text}


@pytest.mark.parametrize(
    ("header", "page_bytes"), [("page size of 4096 bytes", 4096), ("page size of 16384 bytes", 16384)]
)
def test_page_size_comes_from_the_header(header, page_bytes):
    """Assuming 4096 made a 16 GB Mac one of 4 GB."""
    stat = parse.parse_vm_stat(INTEL_VM_STAT.replace("page size of 4096 bytes", header))

    assert stat.bytes_of("Pages free", "Pages inactive") == (6127229 + 628646) * page_bytes


def test_without_a_page_size_nothing_is_counted():
    headless = INTEL_VM_STAT.partition("\n")[2]

    assert parse.parse_vm_stat(headless).bytes_of("Pages free") is None


def test_available_memory_never_exceeds_the_total():
    swollen = INTEL_VM_STAT.replace("6127229", "612722900")
    inv = read(
        "macos-i9-laptop-radeonpro5500m-32gib",
        commands=with_command("macos-i9-laptop-radeonpro5500m-32gib", "vm_stat", swollen),
    )

    assert inv.memory.available_bytes == inv.memory.total_bytes == 32 * GIB


@pytest.mark.parametrize(
    ("text", "total", "used"),
    [
        ("vm.swapusage: total = 2048.00M  used = 512.00M  free = 1536.00M  (encrypted)", 2 * GIB, GIB // 2),
        ("total = 2048,00M  used = 512,00M  free = 1536,00M", 2 * GIB, GIB // 2),
        ("total = 2.00G  used = 512.00M  free = 1.50G", 2 * GIB, GIB // 2),
        ("total = 0.00M  used = 0.00M  free = 0.00M", 0, 0),
    ],
)
def test_swap_is_read_with_point_or_comma(text, total, used):
    assert parse.parse_swap_usage(text) == (total, used)


def test_an_untranslated_name_becomes_a_readable_one():
    """Early Big Sur wrote kHW_AppleM1Item where the name belongs."""
    assert read("macos-m1-laptop-unified-16gib").gpus[0].name == "Apple M1"


@pytest.mark.parametrize(
    ("slug", "shares"),
    [
        ("macos-m1-laptop-unified-16gib", "66 to 75 %"),
        ("macos-m5max-laptop-unified-128gib", "75 to 84 %"),
    ],
)
def test_an_untold_budget_is_a_range_in_words_and_never_a_number(slug, shares):
    inv = read(slug)

    assert inv.gpus[0].vram_total_bytes is None
    assert inv.gpus[0].unified_memory is True
    assert shares in why(inv, "gpus.0.vram_total_bytes")


def test_a_limit_that_the_owner_set_is_the_budget():
    gpu = read("macos-m1max-desktop-wired26000-32gib").gpus[0]

    assert gpu.vram_total_bytes == 26000 * MIB


def test_metal_outweighs_the_limit_of_sysctl():
    inv = read("macos-m1max-desktop-wired26000-32gib", metal={"budget_bytes": 20 * GIB})

    assert inv.gpus[0].vram_total_bytes == 20 * GIB
    assert inv.provenance["gpus.0.vram_total_bytes"].source.startswith("Metal")


def test_metal_is_asked_through_loaded_frameworks_only(monkeypatch):
    """Nothing is imported to ask; one that is loaded and too old to tell is passed over."""
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.delitem(sys.modules, "mlx.core", raising=False)
    assert ask_metal() is None

    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())
    assert ask_metal() is None

    metal = SimpleNamespace(device_info=lambda: {"max_recommended_working_set_size": 12 * GIB})
    monkeypatch.setitem(sys.modules, "mlx.core", SimpleNamespace(metal=metal))
    assert ask_metal() == 12 * GIB


def test_system_and_data_volume_are_one_container_and_not_added():
    storage = read("macos-m1-laptop-unified-16gib").storage

    assert storage.project.shared_with_system is True
    assert storage.project.total_bytes == storage.system.total_bytes
    assert [device.name for device in storage.devices] == ["disk0"]


def test_another_drive_is_not_the_systems():
    storage = read("macos-m3pro-laptop-metal-18gib").storage

    assert storage.project.shared_with_system is False
    assert (storage.project.filesystem, storage.project.medium) == ("exfat", "ssd")
    assert storage.system.medium == "nvme"


def test_a_fusion_drive_is_of_no_single_kind():
    inv = read("macos-i5-desktop-fusion-radeonpro560-8gib")

    assert inv.storage.project.medium == "unknown"
    assert "Fusion" in why(inv, "storage.project.medium")


def test_a_network_share_has_no_medium_and_leaks_no_server():
    slug = "macos-m1-laptop-unified-16gib"
    commands = recording(slug)["commands"] | {
        "mount": "//priya@nas.local/Share on /Volumes/Share (smbfs, nodev, nosuid, mounted by priya)\n",
        "df -P /Volumes/Share/x": "Filesystem 512-blocks Used Available Capacity Mounted on\n"
        "//priya@nas.local/Share 100 50 50 50% /Volumes/Share\n",
    }
    inv = read_from(RecordedSource(recording(slug) | {"commands": commands}), "/Volumes/Share/x")

    assert inv.storage.project.filesystem == "smbfs"
    assert inv.storage.project.shared_with_system is False
    assert "network" in why(inv, "storage.project.medium")
    assert "priya" not in json.dumps(to_document(inv))


def test_dedicated_memory_is_told_from_borrowed_memory():
    borrowed, own = read("macos-i9-laptop-radeonpro5500m-32gib").gpus

    assert (borrowed.unified_memory, borrowed.vram_total_bytes) == (True, None)
    assert (own.vendor, own.unified_memory, own.vram_total_bytes) == ("amd", False, 8 * GIB)


def test_the_base_clock_is_not_called_the_highest():
    """What sysctl calls the highest is the clock on the box; turbo goes twice as high."""
    inv = read("macos-i9-laptop-radeonpro5500m-32gib")

    assert inv.cpu.max_mhz is None
    assert "2,300 MHz" in why(inv, "cpu.max_mhz")


def test_a_translated_python_does_not_hide_the_real_processor():
    inv = read("macos-m2-laptop-translated-8gib")

    assert inv.system.machine == "arm64"
    assert inv.cpu.model is None
    assert "did not answer" in why(inv, "gpus")


def test_a_virtual_mac_has_no_case_and_no_medium():
    inv = read("macos-m4max-vm-nogpu-4gib")

    assert (inv.system.virtualization, inv.system.chassis) == ("vm", "unknown")
    assert {device.medium for device in inv.storage.devices} == {"unknown"}


@pytest.mark.parametrize("folder", MACS, ids=lambda folder: folder.name)
def test_planted_serials_and_names_do_not_leak(folder):
    """system_profiler, diskutil and mount carry serial numbers, identifiers and volumes named after people."""
    told = recording(folder.name)
    profiler = next((name for name in told["commands"] if name.startswith("system_profiler")), None)
    if profiler:
        document = json.loads(told["commands"][profiler])
        for entry in document["SPHardwareDataType"]:
            entry |= {"serial_number": "ZZSERIAL", "platform_UUID": "ZZ-UUID", "provisioning_UDID": "ZZ-UDID"}
        for entry in document.get("SPDisplaysDataType", []):
            entry["spdisplays_ndrvs"] = [{"_name": "ZZ", "_spdisplays_display-serial-number": "ZZSERIAL"}]
        told["commands"][profiler] = json.dumps(document)
    for name in [name for name in told["commands"] if name.startswith("diskutil")]:
        told["commands"][name] = told["commands"][name].replace("Macintosh HD", "ZZ's disk")

    inv = read_from(RecordedSource(told), project(folder.name))

    assert "ZZ" not in json.dumps(to_document(inv))


@pytest.mark.parametrize("folder", MACS, ids=lambda folder: folder.name)
def test_each_command_may_fail(folder):
    """Taking any one command away never raises, and what it told is explained."""
    whole = recording(folder.name)
    for name in whole["commands"]:
        commands = {other: text for other, text in whole["commands"].items() if other != name}
        inv = read_from(RecordedSource(whole | {"commands": commands}), project(folder.name))
        assert from_document(to_document(inv)) == inv


PARSERS = [
    parse.parse_sysctl,
    parse.parse_vm_stat,
    parse.parse_swap_usage,
    parse.parse_size,
    parse.parse_profile,
    lambda text: parse.parse_disks(text, text),
    parse.parse_df_device,
    parse.parse_mounts,
    parse.parse_whole_disk,
    parse.parse_power,
]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=10,
)
SECTIONS = ("SPHardwareDataType", "SPDisplaysDataType", "SPStorageDataType", "SPNVMeDataType")
ENTRY_KEYS = (
    "machine_name", "chip_type", "sppci_model", "_name", "spdisplays_vram", "spdisplays_vendor", "bsd_name", "_items",
    "spdisplays_mtlgpufamilysupport", "spdisplays_metal", "physical_drive", "medium_type", "protocol",
)  # fmt: skip
PROFILES = st.dictionaries(
    st.sampled_from(SECTIONS),
    st.lists(st.dictionaries(st.sampled_from(ENTRY_KEYS), JSON_VALUES, max_size=6), max_size=3) | JSON_VALUES,
)


@settings(deadline=None)  # a busy machine is no fault
@given(text=st.text(max_size=400))
def test_no_parser_raises_on_any_text(text):
    for parser in PARSERS:
        parser(text)


@settings(deadline=None)  # a busy machine is no fault
@given(document=PROFILES)
def test_no_shape_of_a_profile_raises(document):
    found = parse.parse_profile(json.dumps(document))

    assert found.displays is None or all(display.vendor for display in found.displays)


@settings(deadline=None)  # a busy machine is no fault
@given(inner=st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<&>"), max_size=50))
def test_no_property_list_raises(inner):
    """Property lists have types of their own, whose nonsense the standard library answers with many errors."""
    for kind in ("integer", "date", "data", "real", "dict", "array", "string"):
        value = f"<key>AllDisksAndPartitions</key><{kind}>{inner}</{kind}>"
        text = f'<?xml version="1.0"?><plist version="1.0"><dict>{value}</dict></plist>'
        assert parse.parse_disks(text, text).sizes == {}
