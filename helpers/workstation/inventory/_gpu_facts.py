"""One graphics processor's facts on their way into an inventory, whichever source told them."""

from typing import NamedTuple

from workstation.inventory._facts import Fact, Ledger
from workstation.inventory.model import Gpu, Vendor

# What is unknown where graphics share main memory and name no share of it, and how to find it out.
SHARED = ("the graphics unit shares main memory and states no budget of its own", "watch memory while a model loads")
# Said of a GPU that was left asleep, which is no fault: surprises tell it from one that cannot answer.
ASLEEP = (
    "the GPU sleeps to save power, and asking how much memory it has would wake it",
    "start a program that uses the GPU, or run nvidia-smi, which wakes it; then take the inventory again",
)
HOW_USED = "run the vendor's monitor (nvidia-smi, rocm-smi, intel_gpu_top) during a job"


class GpuFacts(NamedTuple):
    """One GPU before its facts are entered."""

    vendor: Fact[Vendor]
    name: Fact[str]
    vram_total: Fact[int]
    vram_used: Fact[int]
    unified: Fact[bool]
    driver: Fact[str]
    source: str


def enter_gpu(gpu: GpuFacts, index: int, ledger: Ledger) -> Gpu:
    """Enter each fact under its path and return the GPU; use that does not fit into the total is no fact."""
    where, used = f"gpus.{index}", gpu.vram_used
    if used.value is not None and gpu.vram_total.value is not None and used.value > gpu.vram_total.value:
        used = Fact(None, why="the driver states more graphics memory in use than there is", how=HOW_USED)
    return Gpu(
        vendor=ledger.take(f"{where}.vendor", gpu.vendor) or "other",
        name=ledger.take(f"{where}.name", gpu.name),
        vram_total_bytes=ledger.take(f"{where}.vram_total_bytes", gpu.vram_total),
        vram_used_bytes=ledger.take(f"{where}.vram_used_bytes", used),
        unified_memory=ledger.take(f"{where}.unified_memory", gpu.unified),
        driver=ledger.take(f"{where}.driver", gpu.driver),
        source=gpu.source,
    )
