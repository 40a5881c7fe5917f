"""What nvidia-smi prints, in its many versions, where NVIDIA's library cannot be asked."""

import pytest
from inventory_kit import small

from workstation.inventory._nvidia_smi import FULL, PLAIN, parse_smi, smi_command
from workstation.probing.nvml_problems import NOT_INSTALLED
from workstation.units import MIB

BUS = "/sys/bus/pci/devices/0000:01:00.0/"
CARD = {f"{BUS}class": "0x030000\n", f"{BUS}vendor": "0x10de\n", f"{BUS}device": "0x2204\n"}
DRIVER = {f"{BUS}driver": "../../../bus/pci/drivers/nvidia"}


def smi(full="", plain="", **tables):
    commands = {" ".join(smi_command(FULL)): full, " ".join(smi_command(PLAIN)): plain}
    return small(files=CARD, links=DRIVER, nvml={"problem": NOT_INSTALLED}, commands=commands, **tables)


HEAD = "name, pci.bus_id, driver_version, memory.total [MiB], memory.used [MiB], mig.mode.current\n"


@pytest.mark.parametrize(
    ("row", "total", "unified"),
    [
        ("NVIDIA GeForce RTX 4090, 00000000:01:00.0, 550.1, 24564 MiB, 300 MiB, [N/A]", 24564 * MIB, False),
        ("NVIDIA GeForce RTX 4090, 00000000:01:00.0, 550.1, 24564, 300, [N/A]", 24564 * MIB, False),
        ("NVIDIA GB10, 00000000:01:00.0, 580.95, [N/A], [N/A], [N/A]", None, True),
        ("NVIDIA GB10, 00000000:01:00.0, 580.95, 0, 0, N/A", None, True),
        ("GeForce 9600, 00000000:01:00.0, 340.1, [Not Supported], [Not Supported], [Not Supported]", None, True),
        ("NVIDIA A100, 00000000:01:00.0, 535.1, [Insufficient Permissions], [N/A], Enabled", None, None),
        ("NVIDIA A100, 00000000:01:00.0, 535.1, 81920 MiB, 36537 MiB, Enabled", None, False),
        ("NVIDIA T4, 00000000:01:00.0, 535.1, [Unknown Error], [Unknown Error], [N/A]", None, None),
        ("NVIDIA T4, 00000000:01:00.0, 535.1, 15,360 MiB, 1 MiB, [N/A]", None, None),
        ("NVIDIA T4, 00000000:01:00.0, 535.1, -5 MiB, 1 MiB, [N/A]", None, None),
    ],
)
def test_rows_of_nvidia_smi_are_read_for_what_they_say(row, total, unified):
    """A figure with a comma before three digits may mean two amounts: it counts as none."""
    (gpu,) = smi(HEAD + row + "\n").gpus

    assert (gpu.vram_total_bytes, gpu.unified_memory, gpu.source) == (total, unified, "nvidia-smi")


def test_the_plainer_table_is_taken_where_the_fuller_one_is_refused():
    refused = 'Field "mig.mode.current" is not a valid field to query.\n'
    (gpu,) = smi(refused, "name, driver_version, memory.total [MiB]\nGeForce GTX 970, 390.1, 4035 MiB\n").gpus

    assert (gpu.name, gpu.vram_total_bytes, gpu.driver) == ("GeForce GTX 970", 4035 * MIB, "390.1")
    assert gpu.vram_used_bytes is None


def test_a_real_table_with_other_columns_is_read_by_its_heading():
    """From a public bug report: old name, a card of 6 GB that shows 5934 MiB."""
    text = (
        "name, pci.bus_id, driver_version, utilization.gpu [%], utilization.memory [%], memory.total [MiB], "
        "memory.free [MiB], memory.used [MiB], temperature.gpu, clocks.current.graphics [MHz], "
        "clocks.max.graphics [MHz]\n"
        "GeForce RTX 2060, 00000000:09:00.0, 460.91.03, 20 %, 8 %, 5934 MiB, 5252 MiB, 682 MiB, 36, 300 MHz, 2160 MHz\n"
    )

    (row,) = parse_smi(text)

    assert (row.name, row.bus_id, row.driver) == ("GeForce RTX 2060", "0000:09:00.0", "460.91.03")
    assert (row.total_bytes, row.used_bytes) == (5934 * MIB, 682 * MIB)


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "No devices were found\n", "Failed to initialize NVML: Driver/library version mismatch\n", HEAD,
     ", , ,\n", HEAD + "a, b\n", "name, name, name\nx, y, z\n", "9" * 100_000],
)  # fmt: skip
def test_what_is_no_table_gives_no_rows(text):
    assert parse_smi(text) == ()
    assert "nvidia-smi prints no table" in smi(text).unknowns[-1].why or "nvidia-smi" in str(smi(text).unknowns)


def test_a_card_that_the_tool_tells_of_is_not_listed_twice():
    inv = smi(HEAD + "NVIDIA GeForce RTX 3090, 00000000:01:00.0, 550.1, 24576 MiB, 1 MiB, [N/A]\n")

    assert len(inv.gpus) == 1


def test_wsl_keeps_nvidia_smi_off_the_path():
    tool = "/usr/lib/wsl/lib/nvidia-smi"
    table = HEAD + "NVIDIA GeForce RTX 3060, 00000000:01:00.0, 551.86, 12288 MiB, 1 MiB, [N/A]\n"
    commands = {" ".join(smi_command(FULL, tool)): table}

    inv = small(present=["/dev/dxg", tool], nvml={"problem": "LibraryNotFound"}, commands=commands)

    assert inv.gpus[0].vram_total_bytes == 12288 * MIB
    assert inv.gpus[0].source == "nvidia-smi"
