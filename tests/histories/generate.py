"""Draw the figures of the 26-week histories, once, and write them under `[metrics]` of the catalogue's files.

Run it with ``.venv/bin/python tests/histories/generate.py``: story and label of a file stay as they stand, and the same
figures come out every time. What a week is like is said here; when something hurts is said in `planning.toml`.
"""

import random
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "helpers" / "workstation" / "catalog" / "histories"
WEEKS = 26
DIGITS = {"ram_used_percent": 1, "swap_used_gib": 2, "vram_used_percent": 1, "disk_free_percent": 1, "disk_free_gib": 1,
          "artifact_growth_gib": 1, "throughput_drop_percent": 1, "cpu_used_percent": 1, "network_wait_minutes": 0,
          "gpu_busy_hours": 1, "cloud_hours": 1, "cloud_cost": 2, "service_outage_hours": 1}  # fmt: skip
WHOLE = {"network_wait_minutes"}

# One line a history: disk total and free at the start (GiB), then what happens: weeks, metric, from, to.
VRAM = (
    ("vram_used_percent", 96.6, 99.8),
    ("oom_events", 3, 6),
    ("local_inference_days", 5, 7),
    ("gpu_busy_hours", 21, 34),
)
RAM = (("ram_used_percent", 96.3, 99.6), ("swap_used_gib", 5.2, 10), ("rag_days", 5, 6))
HEAT = (("throttle_events", 6, 15), ("throughput_drop_percent", 31.5, 48))
LARGE = (("large_jobs", 1, 1), ("finetune_runs", 1, 1), ("oom_events", 3, 4), ("vram_used_percent", 97, 99.5))
RENTED = (("cloud_hours", 4, 8), ("cloud_cost", 5, 14))
TRYING = (("vram_used_percent", 55, 73), ("local_inference_days", 0, 1), ("gpu_busy_hours", 0.5, 2.4))

HOLIDAYS = (18, 19, 20, 22, 23, 24)  # everybody has a week off, after what there was to decide


def since(first, last=WEEKS):
    return range(first, last + 1)


SPECS = {
    "api-first": (476, 260, []),
    "local-inference-weekly": (953, 480, [(since(5, 8), TRYING), (since(9), VRAM)]),
    "one-oom-spike": (953, 520, [([11], (("oom_events", 3, 3), ("vram_used_percent", 99.2, 99.2)))]),
    "disk-filling": (476, 214, [(since(4), (("artifact_growth_gib", 15, 20.5), ("rag_days", 0, 1)))]),
    "monthly-finetune": (953, 470, [([3, 8, 12, 16, 21, 25], LARGE), ([8, 12, 16, 21, 25], RENTED)]),
    "swap-daily": (476, 240, [(since(6), (*RAM, ("oom_events", 3, 4)))]),
    "summer-throttling": (953, 430, [(since(10, 21), HEAT)]),
    "hub-memory-limit": (953, 380, [(since(5), (("ram_used_percent", 96.5, 100), ("swap_used_gib", 5.2, 5.9),
                                                ("oom_events", 3, 5), ("rag_days", 5, 6)))]),
    "service-stays-up": (931, 410, [(since(8), (("service_outage_hours", 10.5, 24), ("cpu_used_percent", 50, 76)))]),
    "used-tower": (931, 390, [(since(7), VRAM), (since(8), (("blocked_upgrades", 1, 2),))]),
    "slow-network": (476, 250, [(since(5), (("network_wait_minutes", 190, 340),))]),
    "nothing-at-all": (476, 290, [(since(1), (("gpu_busy_hours", 0, 0.4), ("cpu_used_percent", 22, 55)))]),
    "weekly-lora": (1907, 900, [(since(8, 11), TRYING), (since(12), (*VRAM, ("finetune_runs", 2, 4)))]),
    "rag-outgrows-memory": (953, 420, [(since(10), (*RAM, ("oom_events", 3, 4)))]),
    "one-swap-week": (476, 235, [([13], (("swap_used_gib", 7.4, 7.4), ("ram_used_percent", 99.1, 99.1)))]),
}  # fmt: skip
CALM = (
    ("ram_used_percent", 49, 72), ("swap_used_gib", 0, 0.55), ("vram_used_percent", 9, 42), ("oom_events", 0, 0),
    ("artifact_growth_gib", 0.3, 3.2), ("throttle_events", 0, 0), ("throughput_drop_percent", 0.8, 6.2),
    ("cpu_used_percent", 34, 75), ("network_wait_minutes", 3, 21), ("local_inference_days", 0, 1), ("rag_days", 0, 1),
    ("finetune_runs", 0, 0), ("large_jobs", 0, 0), ("gpu_busy_hours", 0, 2), ("cloud_hours", 0, 0),
    ("cloud_cost", 0, 0), ("blocked_upgrades", 0, 0), ("service_outage_hours", 0, 0.3),
)  # fmt: skip


def value(noise, metric, low, high):
    if isinstance(low, int) and isinstance(high, int) and metric not in DIGITS:
        return noise.randint(low, high)
    drawn = noise.triangular(low, high)
    return round(drawn) if metric in WHOLE else round(drawn, DIGITS[metric])


def week(noise, number, happens):
    found = {metric: value(noise, metric, low, high) for metric, low, high in CALM}
    for weeks, overlay in happens:
        if number in weeks:
            found |= {metric: value(noise, metric, low, high) for metric, low, high in overlay}
    return found


def with_disk(noise, weeks, total, free):
    """Let the disk fill by what is kept; a learner whose disk is nearly full deletes about as much as comes."""
    for each in weeks:
        free -= each["artifact_growth_gib"]
        floor = total * 0.045
        if free < floor * 1.3:
            free = floor + noise.uniform(1, 12)
        each["disk_free_gib"] = round(free, 1)
        each["disk_free_percent"] = round(100 * free / total, 1)
    return weeks


def metrics(name):
    total, free, happens = SPECS[name]
    noise = random.Random(f"history {name}")  # noqa: S311 - noise for a story, not a secret
    holiday = noise.choice(HOLIDAYS)
    lived = [week(noise, number, [] if number == holiday else happens) for number in range(1, WEEKS + 1)]
    return with_disk(noise, lived, total, free)


def table(name):
    weeks = metrics(name)
    lines = [f"{metric} = [{', '.join(f'{each[metric]:g}' for each in weeks)}]" for metric in ORDER]
    return "[metrics]\n" + "\n".join(lines) + "\n"


ORDER = [
    "ram_used_percent", "swap_used_gib", "vram_used_percent", "oom_events", "disk_free_percent", "disk_free_gib",
    "artifact_growth_gib", "throttle_events", "throughput_drop_percent", "cpu_used_percent", "network_wait_minutes",
    "local_inference_days", "rag_days", "finetune_runs", "large_jobs", "gpu_busy_hours", "cloud_hours", "cloud_cost",
    "blocked_upgrades", "service_outage_hours",
]  # fmt: skip


def main():
    for name in SPECS:
        path = FOLDER / f"{name}.toml"
        head = path.read_text("utf-8").partition("[metrics]")[0] if path.exists() else ""
        path.write_text(head + table(name), "utf-8")
    sys.stdout.write(f"{len(SPECS)} histories in {FOLDER.name}/\n")


if __name__ == "__main__":
    main()
