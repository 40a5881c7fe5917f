"""What is read of Windows: one query's JSON in any dress, figures that cannot be trusted, and nothing private."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.inventory import from_document, read_from, to_document
from workstation.inventory._parse_windows import SATURATED_BYTES, parse_report
from workstation.inventory._recorded import RecordedSource
from workstation.inventory._windows_query import COMMAND, QUERY
from workstation.units import GIB

MACHINES = Path(__file__).parent / "machines"
PRIVATE_PROPERTIES = (
    "SerialNumber", "UserName", "DNSHostName", "MACAddress", "IPAddress", "UUID", "ProviderName", "CSName",
    "VolumeName", "RegisteredUser", "IdentifyingNumber",
)  # fmt: skip
# command-outputs.md section 9: the 32-bit field's figure for cards of 32 and 28 GB.
SATURATED = 4293918720


def recording(slug):
    return tomllib.loads((MACHINES / slug / "machine.toml").read_text(encoding="utf-8"))


def project(slug):
    return tomllib.loads((MACHINES / slug / "about.toml").read_text(encoding="utf-8"))["project"]


def read(slug, **changes):
    return read_from(RecordedSource(recording(slug) | changes), project(slug))


def report(slug):
    """Return a machine's recorded answer as JSON."""
    return json.loads(recording(slug)["commands"]["powershell.exe"])


def answered(slug, document, **changes):
    """Read a machine whose query printed another document."""
    return read(slug, commands={"powershell.exe": json.dumps(document)}, **changes)


def why(inv, what):
    return next(each.why for each in inv.unknowns if each.what == what)


def video(name, ids="VEN_1002&DEV_744C", ram=SATURATED, bus="PCI"):
    return {"Name": name, "AdapterCompatibility": "x", "AdapterRAM": ram, "DriverVersion": "1", "Bus": bus, "Ids": ids}


def gpu_of(adapter, registry=()):
    """Read the one GPU of a machine with this adapter."""
    slug = "windows-ryzen9-desktop-r9700-64gib"
    return answered(slug, report(slug) | {"Video": [adapter], "Registry": list(registry)}).gpus[0]


@pytest.mark.parametrize("ram", [SATURATED, 4294967295, 4293918719 + 1, None, 0, -1048576])
def test_a_saturated_figure_is_never_taken(ram):
    """Cards of 8 and of 32 GiB show the same 4095 MiB; some drivers give it as a negative number."""
    assert gpu_of(video("AMD Radeon AI PRO R9700", ram=ram)).vram_total_bytes is None


def test_a_figure_below_the_limit_is_taken():
    assert gpu_of(video("AMD Radeon RX 550", ram=2 * GIB)).vram_total_bytes == 2 * GIB


def test_the_registry_outweighs_the_short_figure():
    """30064771072 for a card whose AdapterRAM says 4293918720 (llmfit fixtures)."""
    gpus = read("windows-xeon-server-v710-128gib").gpus

    assert [gpu.vram_total_bytes for gpu in gpus[:2]] == [30064771072, 30064771072]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (24 * GIB, 24 * GIB),
        (str(24 * GIB), 24 * GIB),
        ([0, 0, 0, 0, 6, 0, 0, 0], 24 * GIB),
        ([1, 2], None),
        ("x", None),
    ],
)
def test_the_registrys_figure_may_be_number_text_or_bytes(size, expected):
    entry = {"DriverDesc": "AMD Radeon RX 7900 XTX", "MatchingDeviceId": r"PCI\VEN_1002&DEV_744C", "MemorySize": size}

    assert gpu_of(video("AMD Radeon RX 7900 XTX"), [entry]).vram_total_bytes == expected


def test_an_entry_of_a_removed_card_is_not_this_ones():
    old = {"DriverDesc": "AMD Radeon RX 7900 XTX", "MatchingDeviceId": r"PCI\VEN_1002&DEV_73BF", "MemorySize": 16 * GIB}

    assert gpu_of(video("AMD Radeon RX 7900 XTX"), [old]).vram_total_bytes is None


@pytest.mark.parametrize(
    ("name", "ids", "shares"),
    [
        ("Intel(R) Arc(TM) A770 Graphics", "VEN_8086&DEV_56A0", False),
        ("Intel(R) Arc(TM) Pro B60 Graphics", "VEN_8086&DEV_E211", False),
        ("Intel(R) Arc(TM) 140V GPU (16GB)", "VEN_8086&DEV_64A0", True),
        ("Intel(R) Arc(TM) Graphics", "VEN_8086&DEV_7D55", True),
        ("Intel(R) Iris(R) Xe Graphics", "VEN_8086&DEV_9A49", True),
        ("Intel(R) UHD Graphics 770", "VEN_8086&DEV_4680", True),
        ("AMD Radeon(TM) Graphics", "VEN_1002&DEV_164E", True),
        ("AMD Radeon 890M Graphics", "VEN_1002&DEV_150E", True),
        ("AMD Radeon(TM) 8060S Graphics", "VEN_1002&DEV_1586", True),
        ("AMD Radeon(TM) RX Vega 10 Graphics", "VEN_1002&DEV_15D8", True),
        ("AMD Radeon RX 7600", "VEN_1002&DEV_7480", False),
        ("AMD Radeon RX 6800M", "VEN_1002&DEV_73DF", False),
        ("NVIDIA GeForce RTX 4070", "VEN_10DE&DEV_2786", False),
    ],
)
def test_graphics_in_a_processor_are_told_from_cards(name, ids, shares):
    gpu = gpu_of(video(name, ids))

    assert gpu.unified_memory is shares


def test_a_generic_name_with_much_memory_is_a_card():
    """A unit of 512 MB in a processor and a card of 32 GB call themselves "AMD Radeon Graphics" alike."""
    entry = {"DriverDesc": "AMD Radeon Graphics", "MatchingDeviceId": r"PCI\VEN_1002&DEV_66A0", "MemorySize": 32 * GIB}
    gpu = gpu_of(video("AMD Radeon Graphics", "VEN_1002&DEV_66A0"), [entry])

    assert (gpu.unified_memory, gpu.vram_total_bytes) == (False, 32 * GIB)


@pytest.mark.parametrize("bus", ["ROOT", "SWD", "VMBUS"])
def test_adapters_made_by_software_are_no_gpus(bus):
    slug = "windows-ryzen9-desktop-r9700-64gib"
    inv = answered(slug, report(slug) | {"Video": [video("Virtual Display", bus=bus)]})

    assert inv.gpus == ()
    assert inv.provenance["gpus"].confidence == "inferred"


def test_nvml_tells_more_than_windows_does():
    nvidia, built_in = read("windows-ryzen7-desktop-rtx4070-32gib").gpus

    assert (nvidia.source, nvidia.vram_total_bytes) == ("nvml", 12878610432)
    assert (built_in.source, built_in.unified_memory) == ("cim", True)


def test_without_nvml_the_registry_tells_of_an_nvidia_card():
    inv = read("windows-ryzen7-desktop-rtx4070-32gib", nvml={"problem": "LibraryNotFound"})

    assert (inv.gpus[0].source, inv.gpus[0].vram_total_bytes) == ("cim", 12884901888)


def test_a_card_without_its_driver_keeps_its_maker_only():
    gpu = read("windows-i5-desktop-rtx3060nodriver-8gib").gpus[0]

    assert (gpu.vendor, gpu.name, gpu.driver, gpu.vram_total_bytes) == ("nvidia", None, None, None)


DRESSES = {
    "plain": lambda text: text,
    "byte-order mark": lambda text: "\ufeff" + text,
    "UTF-16 read as UTF-8": lambda text: ("\ufeff" + text).encode("utf-16-le").decode("utf-8", errors="replace"),
    "greeting and carriage returns": lambda text: "Hello!\r\n" + text + "\r\nPS C:\\> ",
}


@pytest.mark.parametrize("dress", DRESSES)
def test_the_answer_is_found_in_any_dress(dress):
    text = json.dumps(report("windows-ryzen9-desktop-r9700-64gib"))

    assert parse_report(DRESSES[dress](text)) == parse_report(text)


def test_single_objects_and_wrapped_lists_are_lists_too():
    """PowerShell 5.1 turns a list of one into its element, and some lists into value and Count."""
    lists = report("windows-ryzen9-desktop-r9700-64gib")
    single = {name: rows[0] if len(rows) == 1 else rows for name, rows in lists.items()}
    wrapped = {name: {"value": rows, "Count": len(rows)} for name, rows in lists.items()}

    assert parse_report(json.dumps(single)) == parse_report(json.dumps(lists)) == parse_report(json.dumps(wrapped))


@pytest.mark.parametrize("slug", ["windows-ryzen9-desktop-r9700-64gib", "windows-xeon-server-v710-128gib"])
def test_each_class_and_each_property_may_be_missing(slug):
    whole = report(slug)
    for name, rows in whole.items():
        assert answered(slug, {key: value for key, value in whole.items() if key != name})
        for key in rows[0] if rows else ():
            fewer = [{field: value for field, value in row.items() if field != key} for row in rows]
            inv = answered(slug, whole | {name: fewer})
            assert from_document(to_document(inv)) == inv


def test_a_hypervisor_of_windows_own_makes_no_virtual_machine():
    """Core isolation and WSL2 run real Windows on a hypervisor too; only the model's name tells a guest."""
    assert read("windows-ryzen7-desktop-rtx4070-32gib").system.virtualization == "none"
    assert read("windows-xeon-vm-nogpu-8gib").system.virtualization == "vm"


def test_a_translated_python_does_not_hide_the_real_processor():
    assert read("windows-snapdragon-laptop-adreno-16gib").system.machine == "ARM64"


def test_the_base_clock_is_not_called_the_highest():
    inv = read("windows-ultra5-laptop-arc-16gib")

    assert inv.cpu.max_mhz is None
    assert "3,600 MHz" in why(inv, "cpu.max_mhz")


def test_drives_joined_into_one_are_of_no_single_kind():
    inv = read("windows-xeon-server-v710-128gib")

    assert inv.storage.project.medium == "unknown"
    assert "Storage Spaces" in why(inv, "storage.project.medium")


def test_a_network_drive_has_no_medium():
    inv = read("windows-i5-desktop-rtx3060nodriver-8gib")

    assert inv.storage.project.shared_with_system is False
    assert "network" in why(inv, "storage.project.medium")


def test_an_unplugged_cable_is_no_link():
    """Windows gives 2^63 - 1 bits a second for a socket without a cable."""
    slug = "windows-ryzen9-desktop-r9700-64gib"
    unplugged = {"Speed": 2**63 - 1, "NetConnectionStatus": 2, "PhysicalAdapter": True}
    inv = answered(slug, report(slug) | {"Network": [unplugged]}, psutil={"memory_total_bytes": GIB})

    assert inv.network.link_mbps is None


@pytest.mark.parametrize(("status", "on_battery"), [(1, True), (2, False), (6, False), (3, None), (99, None)])
def test_without_psutil_the_battery_tells_who_feeds_the_machine(status, on_battery):
    slug = "windows-ultra5-laptop-arc-16gib"
    document = report("windows-ryzen9-desktop-r9700-64gib") | {"Battery": [{"BatteryStatus": status}]}
    inv = answered(slug, document, psutil={})

    assert (inv.power.battery_present, inv.power.on_battery) == (True, on_battery)


def test_where_powershell_is_forbidden_psutil_tells_what_it_can():
    inv = read("windows-locked-noquery-16gib")

    assert inv.memory.total_bytes == 17038053376
    assert inv.cpu.logical_cores == 12
    assert "PowerShell" in why(inv, "gpus")


def test_the_query_names_no_private_property():
    assert [name for name in PRIVATE_PROPERTIES if name in QUERY] == []
    assert "-EncodedCommand" not in COMMAND


def test_the_query_fits_a_windows_command_line():
    assert len(" ".join(COMMAND)) < 8000
    assert '"' not in QUERY  # quoting rules for it differ between PowerShell versions


def test_the_query_asks_for_every_table_that_is_parsed():
    code = Path(parse_report.__code__.co_filename).read_text("utf-8")
    parsed = set(re.findall(r'tables\.(?:rows|first)\("(\w+)"\)', code))

    assert parsed == set(re.findall(r"^  (\w+) = @\(", QUERY, re.MULTILINE))


def test_the_saturated_window_holds_what_was_seen():
    assert SATURATED_BYTES[0] <= SATURATED < SATURATED_BYTES[1]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=10,
)
FIELD = st.sampled_from(sorted(set(re.findall(r"\b[A-Z][A-Za-z]{2,}\b", QUERY))))


@settings(deadline=None)  # a busy machine is no fault
@given(text=st.text(max_size=400))
def test_no_text_raises(text):
    parse_report(text)


@settings(deadline=None)  # a busy machine is no fault
@given(
    document=st.dictionaries(
        st.sampled_from(sorted(report("windows-ryzen9-desktop-r9700-64gib"))),
        JSON_VALUES | st.lists(st.dictionaries(FIELD, JSON_VALUES, max_size=6), max_size=3),
    )
)
def test_any_document_becomes_an_inventory(document):
    """Whatever the query prints, what comes out can be written and read back."""
    inv = answered("windows-ultra5-laptop-arc-16gib", document)

    assert from_document(json.loads(json.dumps(to_document(inv)))) == inv
