"""Write the constructed recordings of the last twelve: made after rules and thresholds were frozen.

python later.py
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from constructed import ended
from kit import DESKTOP, GIB, LAPTOP, MB, MIB, NO_PSI, PSI, Scene, at_times, gpu_at, ramp, write


def scenes() -> list[Scene]:
    t = np.arange(1, 121.0)
    long = np.arange(1, 601.0, 4.0)
    return [
        Scene(
            slug="last-swap-on-spinning-disk",
            label="python index_documents.py",
            machine=replace(LAPTOP, disk_medium="hdd", ram_usable_bytes=int(7.6 * GIB)),
            seconds=120,
            note="an old laptop: little is swapped a second, and each page takes a seek",
            curves={
                "ram_available_bytes": ramp(t, (0, 4), (40, 0.5), (120, 0.4)) * GIB,
                "process_resident_bytes": ramp(t, (0, 0.5), (40, 5.2), (120, 5.3)) * GIB,
                "swap_used_bytes": ramp(t, (0, 0.1), (40, 0.2), (120, 1.2)) * GIB,
                "swap_in_bytes_per_s": at_times(t, [(42, 121)], 0.9 * MIB),
                "swap_out_bytes_per_s": at_times(t, [(40, 121)], 8 * MIB),
                "memory_stall_some_percent": at_times(t, [(42, 121)], 64.0, 0.1),
                "memory_stall_full_percent": at_times(t, [(42, 121)], 48.0, 0.1),
                "io_stall_some_percent": at_times(t, [(42, 121)], 82.0, 0.3),
                "io_stall_full_percent": at_times(t, [(42, 121)], 60.0, 0.2),
                "disk_busy_percent": at_times(t, [(42, 121)], 100.0, 3.0),
                "disk_read_bytes_per_s": at_times(t, [(42, 121)], 1.4 * MIB, 1e4),
                "disk_write_bytes_per_s": at_times(t, [(40, 121)], 8.3 * MIB, 1e4),
                "major_faults_per_s": at_times(t, [(42, 121)], 110.0, 1.0),
                "refaults_per_s": at_times(t, [(42, 121)], 130.0),
                "process_disk_wait_threads": at_times(t, [(42, 121)], 1.0),
                "cpu_used_percent": 9.0,
                "process_cpu_percent": 35.0,
            },
            end=None,
        ),
        Scene(
            slug="last-amd-card-gets-hot",
            label="python diffuse.py --images 200",
            machine=replace(DESKTOP, gpus=("AMD Radeon RX 7600",)),
            seconds=600,
            step=4.0,
            note="an AMD card reports heat and clock, but no reasons",
            curves={"cpu_used_percent": 8.0, "process_cpu_percent": 85.0 * 0.8},
            gpus=[
                gpu_at(
                    5.9,
                    8.0,
                    utilization_percent=98.0,
                    temperature_celsius=ramp(long, (0, 48), (150, 89), (600, 92)),
                    sm_clock_hz=ramp(long, (0, 2.6e9), (160, 2.58e9), (260, 2.1e9), (600, 2.05e9)),
                    power_watts=ramp(long, (0, 158), (160, 158), (260, 120), (600, 118)),
                    power_limit_watts=165.0,
                    throttled_by_heat=None,
                    throttled_by_power=None,
                ),
            ],
            missing={
                "gpus.0.throttled_by_heat": "the driver amdgpu offers no file for it",
                "gpus.0.throttled_by_power": "the driver amdgpu offers no file for it",
            },
            end=ended(600),
        ),
        Scene(
            slug="last-longer-context-is-slower",
            label="python chat.py --turns 60",
            machine=DESKTOP,
            seconds=600,
            step=4.0,
            note="each turn reads a longer conversation: fewer tokens a second, at full clock and cool",
            curves={
                "cpu_used_percent": 7.0,
                "process_cpu_percent": 72.0,
                "throughput_per_s": ramp(long, (0, 62), (600, 34)),
            },
            gpus=[
                gpu_at(ramp(long, (0, 6.1), (20, 6.1), (600, 8.0)), utilization_percent=97.0, temperature_celsius=67.0)
            ],
            end=ended(600),
        ),
        Scene(
            slug="last-second-gpu-fails",
            label="python train_two.py",
            machine=replace(DESKTOP, gpus=("NVIDIA GeForce RTX 3060", "NVIDIA GeForce GTX 1660")),
            seconds=90,
            note="the smaller of two cards fills up; an old library says only that memory is out",
            curves={"cpu_used_percent": 14.0, "process_cpu_percent": 75.0},
            gpus=[gpu_at(6.6), gpu_at(ramp(t[:90], (0, 0.4), (30, 4.2), (60, 4.2), (88, 5.7), (90, 5.7)), 6.0)],
            end=ended(90.4, how="error", exit_code=1, error="RuntimeError: out of memory"),
        ),
        Scene(
            slug="last-slow-card-without-pressure",
            label="python index.py --folder photos",
            machine=replace(
                LAPTOP,
                ram_usable_bytes=int(7.8 * GIB),
                swap_total_bytes=0,
                swap_kind="none",
                logical_cores=4,
                cpu_max_hz=2.4e9,
                disk_medium="unknown",
                disk_total_bytes=int(64e9),
            ),
            seconds=90,
            note="a small computer on a memory card, its kernel without pressure figures",
            curves={
                "disk_busy_percent": at_times(t[:90], [(6, 80)], 98.0, 4.0),
                "disk_read_bytes_per_s": at_times(t[:90], [(6, 80)], 21 * MB, 1e4),
                "process_read_bytes_per_s": at_times(t[:90], [(6, 80)], 21 * MB),
                "process_disk_wait_threads": at_times(t[:90], [(6, 80)], 0.9),
                "cpu_used_percent": at_times(t[:90], [(6, 80)], 22.0, 5.0),
                "process_cpu_percent": at_times(t[:90], [(6, 80)], 30.0, 3.0),
            },
            missing=dict.fromkeys(PSI, NO_PSI),
            end=ended(90),
        ),
    ]


if __name__ == "__main__":
    for scene in scenes():
        write(scene, Path(__file__).resolve().parents[1])
