"""What worksheet tests share: a blank sheet, a desktop's and a laptop's answers, and an inventory with another case."""

from dataclasses import replace

from inventory_kit import small

from workstation.inventory import Platform, fill_in

BLANK = Platform(filled_in_at="2026-01-31T12:00:00Z")
DESKTOP = {
    "chassis": "desktop", "gpu_slots_free": 1, "gpu_length_mm": 330, "gpu_width_slots": 3, "psu_watts": 750,
    "psu_free_8pin": 2, "psu_free_16pin": 0, "psu_standard": True, "memory_installed_gib": 16, "memory_max_gib": 64,
    "memory_slots_total": 4, "memory_slots_free": 2, "memory_soldered": False, "m2_slots_free": 1, "drive_bays_free": 2,
    "fan_mounts_free": 1, "cooler_replaceable": True, "noise_allowed": True, "parts_locked": False,
}  # fmt: skip
LAPTOP = {"chassis": "laptop", "memory_soldered": True, "memory_slots_total": 0, "m2_slots_free": 0}


def sheet(answers, **changes):
    """Fill in a blank worksheet."""
    return fill_in(BLANK, answers | changes)


def in_case(chassis, **system):
    """Return an inventory of 16 GiB in another kind of case."""
    inv = small(files={"/proc/cpuinfo": "processor : 0\nflags : fpu\n"})
    return replace(inv, system=replace(inv.system, **({"chassis": chassis, "virtualization": "none"} | system)))
