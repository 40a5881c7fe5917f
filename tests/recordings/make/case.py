"""Write the two recordings of lesson 07's case: the same laptop as `course/cases/mirela.inventory.json`.

    python case.py

Constructed from documented traces of laptops; `../labels.toml` says what is right to find in each.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from kit import GIB, LAPTOP, MB, MIB, Scene, at_times, ramp, write

from workstation.recording.model import End

ASKS = [(at, at + 20) for at in range(300, 2400, 300)]  # the script asks, and the person reads
LAPTOP_OF_CASE = replace(LAPTOP, logical_cores=12, link_mbps=None)


def scenes() -> list[Scene]:
    return [evening(), index()]


def evening() -> Scene:
    t = np.arange(15, 2401.0, 15.0)
    return Scene(
        slug="case-evening",
        label="python summarise.py",
        machine=LAPTOP_OF_CASE,
        seconds=2400,
        step=15.0,
        note="a script that asks a hosted model, beside editor, notebook and a browser with many tabs",
        curves={
            "ram_available_bytes": ramp(t, (0, 7.2), (600, 4.4), (1200, 3.1), (1500, 1.3), (2400, 1.4)) * GIB,
            "swap_used_bytes": ramp(t, (0, 0.0), (1400, 0.0), (1800, 0.7), (2400, 0.8)) * GIB,
            "swap_out_bytes_per_s": at_times(t, [(1400, 1700)], 2.5 * MIB),
            "cpu_used_percent": 14.0,
            "process_cpu_percent": at_times(t, ASKS, 35.0, 1.0),
            "process_resident_bytes": 0.4 * GIB,
            "process_connections": at_times(t, ASKS, 1.0),
            "network_received_bytes_per_s": at_times(t, ASKS, 30e3, 40.0),
            "disk_free_bytes": ramp(t, (0, 71.4), (300, 71.2), (900, 66.8), (2400, 66.6)) * 1e9,
            "disk_write_bytes_per_s": at_times(t, [(300, 900)], 9 * MB, 9e4),
        },
        end=End(how="exit", t_s=2400.4, exit_code=0),
    )


def index() -> Scene:
    t = np.arange(5, 901.0, 5.0)
    tight = [(300, 900)]
    return Scene(
        slug="case-index",
        label="python build_index.py transcripts",
        machine=LAPTOP_OF_CASE,
        seconds=900,
        step=5.0,
        note="an embedding job beside a vector database and a notebook asks for more memory than there is",
        curves={
            "ram_available_bytes": ramp(t, (0, 5.8), (280, 1.0), (320, 0.4), (900, 0.35)) * GIB,
            "swap_used_bytes": ramp(t, (0, 0.3), (280, 0.4), (600, 2.9), (900, 3.4)) * GIB,
            "swap_in_bytes_per_s": at_times(t, tight, 45 * MIB),
            "swap_out_bytes_per_s": at_times(t, tight, 50 * MIB),
            "memory_stall_some_percent": at_times(t, tight, 48.0, 0.2),
            "memory_stall_full_percent": at_times(t, tight, 27.0, 0.0),
            "major_faults_per_s": at_times(t, tight, 900.0, 2.0),
            "io_stall_some_percent": at_times(t, tight, 40.0, 0.3),
            "io_stall_full_percent": at_times(t, tight, 20.0, 0.1),
            "disk_busy_percent": at_times(t, tight, 55.0, 2.0),
            "disk_read_bytes_per_s": at_times(t, tight, 47 * MIB, 2e5),
            "disk_write_bytes_per_s": at_times(t, tight, 52 * MIB, 3e5),
            "cpu_used_percent": at_times(t, tight, 24.0, 61.0),
            "process_cpu_percent": at_times(t, tight, 210.0, 690.0),
            "process_resident_bytes": ramp(t, (0, 1.2), (280, 6.1), (900, 5.7)) * GIB,
            "disk_free_bytes": ramp(t, (0, 38.9), (900, 37.2)) * 1e9,
        },
        end=End(how="exit", t_s=900.6, exit_code=0),
    )


if __name__ == "__main__":
    for scene in scenes():
        write(scene, Path(__file__).parent.parent)
