"""Write the constructed recordings of the first set: what cannot be run on the machine that the real ones come from.

    python constructed.py

The curves follow documented traces: PyTorch and llama.cpp out-of-memory reports, NVML's reason flags, the pitfalls of
WSL2, macOS and MIG that the inventory's tests hold too. `../labels.toml` says what is right to find in each.
The file passes 300 lines because it is a list of scenes: data.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from kit import (
    DESKTOP,
    GB,
    GIB,
    HUB,
    LAPTOP,
    MAC,
    MB,
    MIB,
    MISSING,
    WSL,
    Scene,
    at_times,
    gpu_at,
    ramp,
    steps,
    write,
)

from workstation.recording.model import End

OK = End(how="exit", t_s=0.0, exit_code=0)
NO_FLAGS = "this GPU does not report it"


def ended(seconds: float, **facts: object) -> End:
    return replace(OK, t_s=seconds, **facts)


def busy(t: object, share: object = 97.0, cores: int = 16, hz: float = 4.4e9) -> dict[str, object]:
    """Give what all cores at work report."""
    part = np.asarray(share, dtype=float) * np.ones_like(t)
    return {
        "cpu_used_percent": part,
        "cpu_busiest_core_percent": np.minimum(part + 3, 100),
        "cpu_stall_some_percent": part / 3,
        "process_cpu_percent": part * cores * 0.97,
        "cpu_frequency_hz": hz,
        "cpu_temperature_celsius": 70.0,
    }


def one_core(t: object, cores: int = 16, share: float = 99.0) -> dict[str, object]:
    full = share * np.ones_like(t)
    return {
        "cpu_used_percent": full / cores + 2,
        "cpu_busiest_core_percent": full,
        "process_cpu_percent": full,
        "cpu_frequency_hz": 4.9e9,
        "cpu_temperature_celsius": 64.0,
    }


def scenes() -> list[Scene]:
    return [*gpu_scenes(), *heat_scenes(), *memory_scenes(), *storage_scenes(), *network_scenes(), *odd_scenes()]


def gpu_scenes() -> list[Scene]:
    t = np.arange(1, 121.0)
    grows = ramp(
        t,
        (1, 0.4),
        (12, 5.2),
        (20, 5.2),
        (21, 6.1),
        (40, 6.1),
        (41, 7.2),
        (60, 7.2),
        (61, 9.0),
        (85, 9.0),
        (86, 11.6),
        (120, 11.7),
    )
    marks = [
        (1.0, "load"),
        (13.0, "context 2048"),
        (20.5, "context 4096"),
        (40.5, "context 8192"),
        (60.5, "context 16384"),
        (85.5, "context 32768"),
    ]
    lifts = ramp(t[:24], (1, 0.3), (22, 11.3), (24, 11.4))
    return [
        Scene(
            slug="vram-grows-with-context",
            label="python chat.py --context 32768",
            machine=DESKTOP,
            seconds=120,
            note="each longer context takes a larger cache, until an allocation fails",
            curves={"cpu_used_percent": 9.0, "process_cpu_percent": 60.0},
            gpus=[gpu_at(grows)],
            marks=marks,
            end=ended(
                120.4,
                how="error",
                exit_code=1,
                error="torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
            ),
        ),
        Scene(
            slug="vram-fails-at-load",
            label="llama-server -m model-14b-q6_k.gguf",
            machine=DESKTOP,
            seconds=24,
            note="the weights do not fit, the loader stops",
            curves={
                "disk_read_bytes_per_s": 500 * MB,
                "process_read_bytes_per_s": 500 * MB,
                "io_stall_some_percent": 9.0,
                "disk_busy_percent": 40.0,
                "cpu_used_percent": 7.0,
                "process_cpu_percent": 70.0,
                "process_disk_wait_threads": 0.05,
            },
            gpus=[gpu_at(lifts, utilization_percent=4.0, power_watts=40.0)],
            marks=[(0.5, "load")],
            end=ended(
                24.2,
                how="error",
                exit_code=1,
                error="ggml_backend_cuda_buffer_type_alloc_buffer: cudaMalloc failed: out of memory",
            ),
        ),
        Scene(
            slug="vram-reserved-in-advance",
            label="vllm serve small-model",
            machine=DESKTOP,
            seconds=120,
            note="the server reserves 92 % at its start and serves",
            curves={"cpu_used_percent": 8.0, "process_cpu_percent": 70.0},
            gpus=[gpu_at(ramp(t, (1, 0.3), (10, 11.05), (120, 11.05)), power_watts=170.0)],
            end=None,
        ),
        Scene(
            slug="vram-spills-on-windows",
            label="python train_lora.py --batch 8",
            machine=replace(DESKTOP, os="Windows", swap_kind="unknown"),
            seconds=120,
            note="the driver lets GPU memory spill into main memory: nothing fails, all becomes slow",
            curves={
                "throughput_per_s": steps(t, (0, 11.5), (45, 2.1)),
                "cpu_used_percent": 9.0,
                "process_cpu_percent": 90.0 * 0.7,
            },
            gpus=[
                gpu_at(
                    steps(t, (0, 8.0), (45, 11.8)),
                    utilization_percent=steps(t, (0, 96.0), (45, 88.0)),
                    throttled_by_heat=None,
                    throttled_by_power=None,
                    power_watts=steps(t, (0, 180.0), (45, 90.0)),
                )
            ],
            missing={
                **MISSING["Darwin"],
                "swap_in_bytes_per_s": "Windows does not count it",
                "swap_out_bytes_per_s": "Windows does not count it",
            },
            end=ended(120),
        ),
        Scene(
            slug="gpu-busy-and-fine",
            label="python train.py",
            machine=DESKTOP,
            seconds=120,
            note="a GPU that is used well: nothing holds it back but its own speed",
            curves={
                "cpu_used_percent": 11.0,
                "process_cpu_percent": 110.0,
                "throughput_per_s": 410.0,
                "cpu_frequency_hz": 4.7e9,
            },
            gpus=[gpu_at(6.4, utilization_percent=99.0, power_watts=182.0, temperature_celsius=69.0)],
            end=ended(120),
        ),
        Scene(
            slug="gpu-mig-slice",
            label="python embed.py",
            machine=replace(HUB, gpus=("NVIDIA A100 MIG 1g.10gb",)),
            seconds=90,
            note="a slice of a large GPU: memory is reported, use, power and heat are not",
            curves={"cpu_used_percent": 20.0, "process_cpu_percent": 38.0, "cpu_busiest_core_percent": 40.0},
            gpus=[{"memory_used_bytes": 4.1 * GIB, "memory_total_bytes": 9.5 * GIB}],
            missing={
                f"gpus.0.{each}": "NVML does not support it on a MIG device"
                for each in (
                    "utilization_percent",
                    "power_watts",
                    "power_limit_watts",
                    "temperature_celsius",
                    "sm_clock_hz",
                    "throttled_by_heat",
                    "throttled_by_power",
                )
            },
            end=ended(90),
        ),
        Scene(
            slug="gpu-vanishes",
            label="python finetune.py",
            machine=DESKTOP,
            seconds=90,
            note="the GPU falls off the bus after 40 seconds",
            curves={"cpu_used_percent": 8.0, "process_cpu_percent": 50.0},
            gpus=[gpu_at(7.9)],
            gaps=[(40.0, 1e9, "gpus.0.")],
            end=ended(90, how="error", exit_code=1, error="CUDA error: the device has been lost"),
        ),
        Scene(
            slug="gpu-waits-for-loader",
            label="python train.py --workers 0",
            machine=DESKTOP,
            seconds=90,
            note="one Python thread prepares the data, the GPU starves",
            curves={**one_core(np.ones(90)), "throughput_per_s": 95.0},
            gpus=[gpu_at(5.0, utilization_percent=28.0, power_watts=75.0)],
            end=ended(90),
        ),
        Scene(
            slug="laptop-with-two-gpus",
            label="python generate.py",
            machine=replace(LAPTOP, gpus=("Intel Iris Xe", "NVIDIA GeForce RTX 4050")),
            seconds=60,
            note="the integrated GPU tells nothing, the other is nearly full",
            curves={"cpu_used_percent": 16.0, "process_cpu_percent": 75.0, "cpu_frequency_hz": 3.9e9},
            gpus=[{"memory_used_bytes": None}, gpu_at(5.55, 6.0, power_watts=48.0, power_limit_watts=60.0)],
            missing={
                "gpus.0.memory_used_bytes": "this GPU shares main memory",
                "gpus.0.memory_total_bytes": "this GPU shares main memory",
            },
            end=ended(60),
        ),
    ]


def heat_scenes() -> list[Scene]:
    t = np.arange(1, 301.0, 2.0)
    fast, slow = 4.1e9, 2.6e9
    cooled = {"throttled_by_heat": 0.0}
    return [
        Scene(
            slug="laptop-throttles",
            label="python embed_corpus.py",
            machine=LAPTOP,
            seconds=300,
            step=2.0,
            note="a thin laptop under a long load",
            curves={
                **busy(t, cores=8),
                "cpu_frequency_hz": ramp(t, (0, fast), (40, fast), (90, slow), (300, slow * 0.97)),
                "cpu_temperature_celsius": ramp(t, (0, 55), (50, 96), (300, 98)),
                "thermal_throttle_per_s": ramp(t, (0, 0), (45, 0), (60, 4), (300, 5)),
                "throughput_per_s": ramp(t, (0, 230), (40, 230), (90, 150), (300, 146)),
            },
            end=ended(300),
        ),
        Scene(
            slug="laptop-meets-power-limit",
            label="python embed_corpus.py",
            machine=LAPTOP,
            seconds=300,
            step=2.0,
            note="the short-term power limit ends after half a minute, the processor is cool",
            curves={
                **busy(t, cores=8),
                "cpu_frequency_hz": ramp(t, (0, 4.2e9), (34, 4.2e9), (38, 3.1e9), (300, 3.1e9)),
                "cpu_temperature_celsius": ramp(t, (0, 52), (34, 78), (60, 71), (300, 72)),
                "throughput_per_s": ramp(t, (0, 240), (34, 240), (38, 180), (300, 180)),
            },
            end=ended(300),
        ),
        Scene(
            slug="gpu-power-capped",
            label="python train.py",
            machine=DESKTOP,
            seconds=300,
            step=2.0,
            note="the card's power limit was lowered to 120 W",
            curves={"cpu_used_percent": 10.0, "process_cpu_percent": 90.0 * 0.8},
            gpus=[
                gpu_at(
                    7.0,
                    utilization_percent=99.0,
                    power_watts=119.0,
                    power_limit_watts=120.0,
                    temperature_celsius=61.0,
                    sm_clock_hz=ramp(t, (0, 2.5e9), (6, 1.75e9), (300, 1.74e9)),
                    throttled_by_power=1.0,
                    **cooled,
                )
            ],
            end=ended(300),
        ),
        Scene(
            slug="gpu-slowed-by-heat",
            label="python train.py",
            machine=DESKTOP,
            seconds=300,
            step=2.0,
            note="a card without air",
            curves={
                "cpu_used_percent": 10.0,
                "process_cpu_percent": 72.0,
                "throughput_per_s": ramp(t, (0, 400), (80, 400), (150, 300), (300, 290)),
            },
            gpus=[
                gpu_at(
                    7.0,
                    utilization_percent=99.0,
                    power_watts=ramp(t, (0, 190), (80, 190), (150, 140), (300, 138)),
                    temperature_celsius=ramp(t, (0, 50), (80, 86), (300, 89)),
                    sm_clock_hz=ramp(t, (0, 2.5e9), (80, 2.5e9), (150, 1.9e9), (300, 1.85e9)),
                    throttled_by_heat=at_times(t, [(85, 400)], 1.0),
                )
            ],
            end=ended(300),
        ),
        Scene(
            slug="mac-slows-down",
            label="python bench.py --forever",
            machine=MAC,
            seconds=300,
            step=2.0,
            note="no sensor tells why, the work done falls",
            curves={
                "cpu_used_percent": 96.0,
                "process_cpu_percent": 760.0,
                "cpu_busiest_core_percent": 99.0,
                "throughput_per_s": ramp(t, (0, 100), (70, 100), (120, 74), (300, 72)),
            },
            end=ended(300),
        ),
    ]


def memory_scenes() -> list[Scene]:
    t = np.arange(1, 91.0)
    tight = ramp(t, (0, 5.0), (30, 0.45), (90, 0.4)) * GIB
    long = np.arange(1, 1801.0, 15.0)
    mac_left = ramp(t, (0, 9), (35, 0.7), (90, 0.55)) * GIB
    hub = np.arange(1, 41.0, 0.5)
    return [
        Scene(
            slug="wsl-swaps",
            label="python preprocess.py",
            machine=WSL,
            seconds=90,
            note="WSL2: no pressure figures, no use of the GPU, swap on its own disk",
            curves={
                "ram_available_bytes": tight,
                "process_resident_bytes": ramp(t, (0, 0.5), (30, 6.0), (90, 6.3)) * GIB,
                "swap_used_bytes": ramp(t, (0, 0), (30, 0.1), (90, 1.6)) * GIB,
                "swap_in_bytes_per_s": at_times(t, [(30, 91)], 14 * MIB),
                "swap_out_bytes_per_s": at_times(t, [(28, 91)], 20 * MIB),
                "major_faults_per_s": at_times(t, [(30, 91)], 900.0, 2.0),
                "refaults_per_s": at_times(t, [(30, 91)], 700.0),
                "disk_busy_percent": at_times(t, [(30, 91)], 97.0, 2.0),
                "disk_read_bytes_per_s": at_times(t, [(30, 91)], 18 * MIB),
                "disk_write_bytes_per_s": at_times(t, [(28, 91)], 21 * MIB),
                "process_disk_wait_threads": at_times(t, [(30, 91)], 0.7),
                "cpu_used_percent": 14.0,
                "process_cpu_percent": 55.0,
            },
            gpus=[{"memory_used_bytes": 1.2 * GIB, "memory_total_bytes": 12 * GIB, "temperature_celsius": 44.0}],
            missing={
                "gpus.0.utilization_percent": "WSL2 does not report it",
                "gpus.0.power_watts": "WSL2 does not report it",
                "gpus.0.power_limit_watts": "WSL2 does not report it",
                "gpus.0.throttled_by_power": "WSL2 does not report it",
            },
            end=ended(90),
        ),
        Scene(
            slug="mac-runs-out-of-memory",
            label="python mlx_chat.py --context 32768",
            machine=MAC,
            seconds=90,
            note="unified memory fills, macOS swaps",
            curves={
                "ram_available_bytes": mac_left,
                "swap_used_bytes": ramp(t, (0, 0.2), (34, 0.2), (90, 3.4)) * GIB,
                "swap_in_bytes_per_s": at_times(t, [(36, 91)], 30 * MIB),
                "swap_out_bytes_per_s": at_times(t, [(34, 91)], 60 * MIB),
                "major_faults_per_s": at_times(t, [(36, 91)], 1500.0, 3.0),
                "disk_read_bytes_per_s": at_times(t, [(36, 91)], 33 * MB),
                "disk_write_bytes_per_s": at_times(t, [(34, 91)], 65 * MB),
                "cpu_used_percent": 22.0,
                "process_cpu_percent": 70.0,
                "process_resident_bytes": ramp(t, (0, 1), (35, 11), (90, 11)) * GIB,
            },
            gpus=[{"utilization_percent": 64.0}],
            missing={
                "gpus.0.memory_used_bytes": "this GPU shares main memory",
                "gpus.0.memory_total_bytes": "this GPU shares main memory",
            },
            end=None,
        ),
        Scene(
            slug="mac-has-room",
            label="python notes.py",
            machine=MAC,
            seconds=60,
            note="an ordinary script on a Mac",
            curves={"cpu_used_percent": 12.0, "process_cpu_percent": 50.0},
            end=ended(60),
        ),
        Scene(
            slug="hub-container-killed",
            label="notebook cell: frame = orders.merge(items)",
            machine=HUB,
            seconds=40,
            step=0.5,
            note="a JupyterHub pod at its limit; the kernel's log is out of reach",
            curves={
                "ram_available_bytes": ramp(hub, (0, 2.8), (25, 0.15), (40, 0.05)) * GIB,
                "process_resident_bytes": ramp(hub, (0, 0.6), (25, 3.6), (40, 3.75)) * GIB,
                "memory_stall_some_percent": at_times(hub, [(26, 41)], 60.0, 0.2),
                "memory_stall_full_percent": at_times(hub, [(26, 41)], 44.0, 0.1),
                "refaults_per_s": at_times(hub, [(26, 41)], 6000.0),
                "io_stall_some_percent": at_times(hub, [(26, 41)], 55.0, 0.2),
                "io_stall_full_percent": at_times(hub, [(26, 41)], 41.0, 0.1),
                "disk_read_bytes_per_s": at_times(hub, [(26, 41)], 27 * MB),
                "process_read_bytes_per_s": at_times(hub, [(26, 41)], 27 * MB),
                "major_faults_per_s": at_times(hub, [(26, 41)], 4000.0, 1.0),
                "disk_busy_percent": at_times(hub, [(26, 41)], 80.0, 1.0),
                "process_disk_wait_threads": at_times(hub, [(26, 41)], 0.6),
                "cpu_used_percent": 40.0,
                "process_cpu_percent": 70.0,
            },
            end=End(how="killed", t_s=40.3, signal="SIGKILL"),
        ),
        Scene(
            slug="memory-leaks-slowly",
            label="python service.py",
            machine=LAPTOP,
            seconds=1800,
            step=15.0,
            note="a service that never lets go",
            curves={
                "ram_available_bytes": ramp(long, (0, 10.5), (1800, 3.9)) * GIB,
                "process_resident_bytes": ramp(long, (0, 0.4), (1800, 7.0)) * GIB,
                "cpu_used_percent": 10.0,
                "process_cpu_percent": 40.0,
            },
            end=None,
        ),
        Scene(
            slug="swap-left-over",
            label="python report.py",
            machine=LAPTOP,
            seconds=60,
            note="swap holds what nobody needs since yesterday",
            curves={"swap_used_bytes": 1.1 * GIB, "cpu_used_percent": 10.0, "process_cpu_percent": 55.0},
            end=ended(60),
        ),
        Scene(
            slug="zram-laptop",
            label="python cluster.py",
            machine=replace(LAPTOP, swap_kind="zram", swap_total_bytes=int(8 * GIB)),
            seconds=90,
            note="compressed swap takes what does not fit, at the price of some waiting",
            curves={
                "ram_available_bytes": ramp(t, (0, 8), (30, 1.9), (90, 1.8)) * GIB,
                "swap_used_bytes": ramp(t, (0, 0.5), (30, 0.6), (90, 3.0)) * GIB,
                "swap_in_bytes_per_s": at_times(t, [(40, 91)], 20 * MIB),
                "swap_out_bytes_per_s": at_times(t, [(35, 91)], 40 * MIB),
                "memory_stall_some_percent": at_times(t, [(40, 91)], 12.0, 0.1),
                "memory_stall_full_percent": at_times(t, [(40, 91)], 3.0, 0.0),
                "cpu_used_percent": 30.0,
                "process_cpu_percent": 70.0,
                "process_resident_bytes": ramp(t, (0, 1), (30, 8), (90, 8)) * GIB,
            },
            end=ended(90),
        ),
    ]


def storage_scenes() -> list[Scene]:
    t = np.arange(1, 301.0, 2.0)
    spans = [(60, 84), (140, 166), (220, 246)]
    saving = {
        "disk_write_bytes_per_s": at_times(t, spans, 120 * MB, 1e5),
        "process_write_bytes_per_s": at_times(t, spans, 120 * MB, 0.0),
        "disk_busy_percent": at_times(t, spans, 99.0, 2.0),
        "io_stall_some_percent": at_times(t, spans, 88.0, 0.2),
        "io_stall_full_percent": at_times(t, spans, 71.0, 0.1),
        "process_disk_wait_threads": at_times(t, spans, 0.9, 0.0),
        "throughput_per_s": at_times(t, spans, 0.0, 6.0),
    }
    down = np.arange(1, 181.0)
    return [
        Scene(
            slug="checkpoints-on-spinning-disk",
            label="python finetune.py --save-steps 50",
            machine=replace(DESKTOP, disk_medium="hdd", disk_total_bytes=int(2000 * GB)),
            seconds=300,
            step=2.0,
            note="training stops while it saves",
            curves={**saving, "cpu_used_percent": 9.0, "process_cpu_percent": 70.0},
            gpus=[
                gpu_at(
                    8.2, utilization_percent=at_times(t, spans, 1.0, 95.0), power_watts=at_times(t, spans, 40.0, 160.0)
                )
            ],
            marks=[(start - 0.5, f"checkpoint {number}") for number, (start, _) in enumerate(spans, 1)]
            + [(stop + 0.5, "train") for _, stop in spans],
            end=ended(300),
        ),
        Scene(
            slug="download-fills-disk",
            label="hf download a-large-model",
            machine=DESKTOP,
            seconds=180,
            note="the model is larger than what is free",
            curves={
                "disk_free_bytes": ramp(down, (0, 9.0), (180, 0.0)) * GB,
                "network_received_bytes_per_s": 52 * MB,
                "disk_write_bytes_per_s": 52 * MB,
                "process_write_bytes_per_s": 52 * MB,
                "process_connections": 4.0,
                "process_cpu_percent": 19.0,
                "disk_busy_percent": 9.0,
                "io_stall_some_percent": 2.0,
            },
            gpus=[gpu_at(0.4, utilization_percent=0.0, power_watts=18.0)],
            end=ended(180.2, how="error", exit_code=1, error="OSError: [Errno 28] No space left on device"),
        ),
        Scene(
            slug="disk-shared-by-others",
            label="python chat.py",
            machine=LAPTOP,
            seconds=60,
            note="a backup runs beside the work that is watched",
            curves={
                "io_stall_some_percent": 45.0,
                "io_stall_full_percent": 31.0,
                "disk_busy_percent": 96.0,
                "disk_read_bytes_per_s": 210 * MB,
                "cpu_used_percent": 14.0,
                "process_cpu_percent": 40.0,
            },
            end=ended(60),
        ),
    ]


def network_scenes() -> list[Scene]:
    t = np.arange(1, 61.0)
    return [
        Scene(
            slug="api-calls",
            label="python evaluate_prompts.py",
            machine=LAPTOP,
            seconds=60,
            note="one call after another to a model far away",
            curves={
                "network_received_bytes_per_s": np.where(np.arange(60) % 4 == 0, 6000.0, 60.0),
                "network_sent_bytes_per_s": np.where(np.arange(60) % 4 == 1, 9000.0, 30.0),
                "process_connections": 1.0,
                "process_cpu_percent": 4.0,
            },
            end=ended(60),
        ),
        Scene(
            slug="slow-line",
            label="ollama pull a-model",
            machine=replace(LAPTOP, link_mbps=100),
            seconds=60,
            note="a download over a cable of 100 Mbit/s",
            curves={
                "network_received_bytes_per_s": 11.7 * MB,
                "process_connections": 8.0,
                "process_cpu_percent": 18.0,
                "disk_write_bytes_per_s": 11.7 * MB,
                "process_write_bytes_per_s": 11.7 * MB,
                "disk_free_bytes": 200 * GB - 11.7 * MB * t,
                "disk_busy_percent": 3.0,
            },
            end=ended(60),
        ),
    ]


def odd_scenes() -> list[Scene]:
    t = np.arange(1, 61.0)
    short = np.arange(1, 16.0) * 0.1
    return [
        Scene(
            slug="signals-contradict",
            label="python light.py",
            machine=LAPTOP,
            seconds=60,
            note="pressure without scarcity: another container's limit",
            curves={
                "memory_stall_full_percent": 35.0,
                "memory_stall_some_percent": 50.0,
                "ram_available_bytes": 12.0 * GIB,
                "cpu_used_percent": 12.0,
                "process_cpu_percent": 45.0,
            },
            end=ended(60),
        ),
        Scene(
            slug="very-short",
            label="python --version",
            machine=replace(LAPTOP, gpus=()),
            seconds=1.5,
            step=0.1,
            note="over before it can be judged",
            curves={"cpu_used_percent": 20 + 0 * short},
            end=ended(1.5),
        ),
        Scene(
            slug="slept-in-between",
            label="python simulate.py",
            machine=LAPTOP,
            seconds=60,
            note="the lid was closed for an hour",
            curves={**busy(t, cores=8), "cpu_frequency_hz": 3.9e9},
            sleep=(30.0, 3600.0),
            end=ended(3660),
        ),
        Scene(
            slug="memory-gauge-missing",
            label="python clean.py",
            machine=LAPTOP,
            seconds=60,
            note="the gauge of available memory fails after 15 seconds",
            gaps=[(15.0, 1e9, "ram_")],
            curves={"cpu_used_percent": 12.0, "process_cpu_percent": 55.0},
            end=ended(60),
        ),
        Scene(
            slug="container-quota",
            label="python tokenize.py",
            machine=HUB,
            seconds=60,
            note="two cores, half of one allowed",
            curves={
                "cpu_used_percent": 26.0,
                "process_cpu_percent": 50.0,
                "cpu_busiest_core_percent": 55.0,
                "cpu_throttled_percent": 48.0,
                "cpu_stall_some_percent": 50.0,
            },
            end=ended(60),
        ),
    ]


if __name__ == "__main__":
    folder = Path(__file__).resolve().parents[1]
    for scene in scenes():
        write(scene, folder)
