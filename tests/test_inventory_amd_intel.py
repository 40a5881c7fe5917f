"""AMD's and Intel's graphics: what their drivers' files and rocm-smi say, and the names that lspci knows."""

import pytest
from inventory_kit import small

from workstation.inventory._lspci import LSPCI_COMMAND, parse_lspci
from workstation.inventory._rocm_smi import ROCM_COMMAND, parse_rocm
from workstation.units import GIB

BUS = "/sys/bus/pci/devices/0000:03:00.0/"
AMD = {f"{BUS}class": "0x030000\n", f"{BUS}vendor": "0x1002\n", f"{BUS}device": "0x744c\n"}
INTEL = {f"{BUS}class": "0x030000\n", f"{BUS}vendor": "0x8086\n", f"{BUS}device": "0x56a0\n"}
AMDGPU = {BUS + "driver": "../../../bus/pci/drivers/amdgpu"}

# As printed in public bug reports: with blanks before the colon, and with tabs.
TWO_CARDS = """GPU[0]          : VRAM Total Memory (B): 8573157376
GPU[0]          : VRAM Total Used Memory (B): 60448768
GPU[1]          : VRAM Total Memory (B): 34208743424
GPU[1]          : VRAM Total Used Memory (B): 33732509696
GPU[0]          : Card Series:          AMD Radeon RX 7600
"""
THREE_CARDS = """GPU[0]\t\t: VRAM Total Memory (B): 34342961152
GPU[1]\t\t: VRAM Total Memory (B): 17163091968
GPU[2]\t\t: VRAM Total Memory (B): 536870912
GPU[0]\t\t: Card Series: \t\tAMD Radeon Graphics
GPU[2]\t\t: Card SKU: \t\tCEZANNE
"""


def gpu(files, **tables):
    return small(files=files, **tables).gpus[0]


def test_rocm_smi_is_read_as_text_with_blanks_or_tabs():
    assert [(card.total_bytes, card.used_bytes) for card in parse_rocm(TWO_CARDS)] == [
        (8573157376, 60448768),
        (34208743424, 33732509696),
    ]
    assert [card.total_bytes for card in parse_rocm(THREE_CARDS)] == [34342961152, 17163091968, 536870912]


def test_rocm_smi_is_read_as_json_with_warnings_around_it():
    text = 'WARNING: low power\n{"card0": {"VRAM Total Memory (B)": "536870912", "PCI Bus": "0000:C1:00.0"}}\n'

    (card,) = parse_rocm(text)

    assert (card.total_bytes, card.used_bytes, card.bus_id) == (536870912, None, "0000:c1:00.0")


@pytest.mark.parametrize(
    "text", ["", "{", "{}", "[]", "{1}", '{"card0": 3}', '{"card0": {}}', "GPU[0]: x", "[" * 99999 + "{"]
)
def test_rocm_smi_in_disarray_gives_no_cards(text):
    assert parse_rocm(text) == ()


def test_a_single_card_needs_no_bus_id_and_two_do():
    one = {" ".join(ROCM_COMMAND): "GPU[0]\t\t: VRAM Total Memory (B): 8573157376\n"}
    other = {path.replace("0000:03", "0000:83"): text for path, text in AMD.items()}
    links = AMDGPU | {path.replace("0000:03", "0000:83"): target for path, target in AMDGPU.items()}

    assert gpu(AMD, links=AMDGPU, commands=one).vram_total_bytes == 8573157376
    assert gpu(AMD | other, links=links, commands=one).vram_total_bytes is None


def test_rocm_smi_is_not_asked_where_the_drivers_files_tell():
    inv = small(files=AMD | {f"{BUS}mem_info_vram_total": "100\n"}, links=AMDGPU, commands={"rocm-smi": TWO_CARDS})

    assert inv.gpus[0].vram_total_bytes == 100
    assert inv.provenance["gpus.0.vram_total_bytes"].source == "/sys/bus/pci/devices"


def test_a_chip_with_processor_and_graphics_counts_what_it_may_borrow():
    files = AMD | {
        f"{BUS}mem_info_vram_total": str(GIB),
        f"{BUS}mem_info_vram_used": "1",
        f"{BUS}mem_info_gtt_total": str(15 * GIB),
        f"{BUS}mem_info_gtt_used": "2",
        f"{BUS}hwmon/hwmon3/in1_label": "vddnb\n",
    }

    inv = small(files=files, links=AMDGPU)

    assert (inv.gpus[0].vram_total_bytes, inv.gpus[0].vram_used_bytes) == (16 * GIB, 3)
    assert inv.gpus[0].unified_memory is True
    assert "borrow" in inv.provenance["gpus.0.vram_total_bytes"].source


def test_a_card_does_not_count_what_it_may_borrow():
    files = AMD | {
        f"{BUS}mem_info_vram_total": str(8 * GIB),
        f"{BUS}mem_info_gtt_total": str(15 * GIB),
        "/sys/class/kfd/kfd/topology/nodes/1/properties": "cpu_cores_count 0\nsimd_count 64\nlocation_id 768\n",
    }

    found = gpu(files, links=AMDGPU)

    assert found.vram_total_bytes == 8 * GIB
    assert found.unified_memory is False


def test_more_in_use_than_there_is_is_no_fact():
    inv = small(files=AMD | {f"{BUS}mem_info_vram_total": "100\n", f"{BUS}mem_info_vram_used": "101\n"})

    assert inv.gpus[0].vram_used_bytes is None
    assert any("more graphics memory in use" in each.why for each in inv.unknowns)


@pytest.mark.parametrize(
    ("more", "total"),
    [
        ({"drm/card1/lmem_total_bytes": "17079205888\n"}, 17079205888),
        ({"tile0/physical_vram_size_bytes": "12884901888\n"}, 12884901888),
        ({"tile0/physical_vram_size_bytes": "8\n", "tile1/physical_vram_size_bytes": "8\n"}, 16),
        ({"tile0/physical_vram_size_bytes": "many\n"}, None),
        ({}, None),
    ],
)
def test_intel_cards_tell_their_memory_by_either_driver(more, total):
    found = gpu(INTEL | {BUS + name: text for name, text in more.items()})

    assert found.vram_total_bytes == total
    assert found.unified_memory is False


def test_intels_built_in_graphics_shares_memory():
    found = gpu({path.replace("0000:03:00.0", "0000:00:02.0"): text for path, text in INTEL.items()})

    assert found.unified_memory is True
    assert found.vram_total_bytes is None


def test_a_name_is_never_guessed_from_numbers():
    inv = small(files=AMD)

    assert inv.gpus[0].name is None
    assert any("1002:744c" in each.why for each in inv.unknowns)


def test_lspci_names_what_the_table_of_names_is_missing_for():
    text = (
        '0000:00:00.0 "Host bridge [0600]" "AMD [1022]" "Device [1507]"\n'
        '0000:03:00.0 "VGA compatible controller [0300]" "AMD/ATI [1002]" "Navi 31 [Radeon RX 7900 XTX] [744c]" -rc8\n'
    )

    assert parse_lspci(text) == {"0000:03:00.0": "Navi 31 [Radeon RX 7900 XTX]"}
    inv = small(files=AMD, commands={" ".join(LSPCI_COMMAND): text})
    assert inv.gpus[0].name == "Navi 31 [Radeon RX 7900 XTX]"
    assert inv.provenance["gpus.0.name"].source == "lspci"


def test_nothing_that_would_wake_a_sleeping_gpu_is_run():
    inv = small(
        files=AMD | {f"{BUS}power/runtime_status": "suspended\n"},
        links=AMDGPU,
        commands={"lspci": "must not be run", "rocm-smi": "GPU[0]: VRAM Total Memory (B): 1\n"},
    )

    assert inv.gpus[0].name is None
    assert inv.gpus[0].vram_total_bytes is None
