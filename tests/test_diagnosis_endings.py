"""How a recording ended: the last line is a witness that no gauge can outweigh."""

import pytest
from diagnosis_kit import GIB, GPU, during, finding, recording, verdicts

from workstation.recording.model import End


def ended(**facts) -> End:
    return End(how=facts.pop("how", "error"), t_s=60.0, **facts)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("MemoryError", "ram"),
        ("numpy._core._exceptions._ArrayMemoryError: Unable to allocate 8.00 GiB", "ram"),
        ("terminate called after throwing an instance of 'std::bad_alloc'", "ram"),
        ("RuntimeError: DefaultCPUAllocator: can't allocate memory: not enough memory", "ram"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", "vram"),
        ("OutOfMemoryError: out of memory", "vram"),
        ("CUDA error: out of memory", "vram"),
        ("RuntimeError: out of memory", "vram"),
        ("ggml_backend_cuda_buffer_type_alloc_buffer: cudaMalloc failed: out of memory", "vram"),
        ("HIP out of memory. Tried to allocate 512.00 MiB", "vram"),
        ("RuntimeError: MPS backend out of memory (MPS allocated: 17.9 GB)", "vram"),
        ("CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate", "vram"),
        ("vk::Device::allocateMemory: ErrorOutOfDeviceMemory", "vram"),
        ("OSError: [Errno 28] No space left on device", "storage-capacity"),
        ("disk full", "storage-capacity"),
        ("OSError: [Errno 122] Disk quota exceeded", "storage-capacity"),
    ],
)
def test_an_error_names_its_resource_and_no_other(error, kind):
    found = verdicts(recording(GPU, gpus=("RTX",), end=ended(error=error)))

    assert {each for each, verdict in found.items() if verdict == "bottleneck"} == {kind}


def test_an_error_of_another_kind_names_nothing():
    found = verdicts(recording(GPU, gpus=("RTX",), end=ended(error="KeyError")))

    assert set(found.values()) == {"clear"}


def test_memory_refused_without_a_gpu_is_main_memory():
    assert verdicts(recording(end=ended(error="RuntimeError: out of memory")))["ram"] == "bottleneck"


def test_the_out_of_memory_killer_is_believed_although_the_machine_had_room():
    said = finding(recording(end=ended(how="killed", signal="SIGKILL", oom_killer=True)), "ram")

    assert said.verdict == "bottleneck"
    assert said.rule == "killed-by-oom-killer"
    assert "out-of-memory killer" in said.statement


def test_a_kill_that_nobody_explains_is_held_against_memory_only_when_it_was_gone():
    killed = ended(how="killed", signal="SIGKILL")
    gone = recording({"ram_available_bytes": during(50, 61, 0.3 * GIB, 8 * GIB)}, end=killed)

    assert finding(gone, "ram").rule == "ram-low-and-killed"
    assert verdicts(recording(end=killed))["ram"] == "clear"
    assert verdicts(recording(end=ended(how="killed", signal="SIGTERM")))["ram"] == "clear"


def test_a_failure_with_gpu_memory_full_is_held_against_it():
    full = GPU | {"gpus.0.memory_used_bytes": during(20, 61, 11.7 * GIB, 6 * GIB)}

    assert (
        finding(recording(full, gpus=("RTX",), end=ended(how="exit", exit_code=1)), "vram").rule
        == "vram-full-and-failed"
    )
    assert verdicts(recording(full, gpus=("RTX",), end=ended(how="exit", exit_code=0)))["vram"] == "watch"


@pytest.mark.parametrize(
    ("curve", "timing"),
    [
        (during(3, 61, 11.4 * GIB, 1.0 * GIB), None),
        ([*(11.5 * GIB * n / 600 for n in range(600))], "at-load"),
        ([*(6.0 * GIB + (n > 400) * 0.025 * GIB * (n - 400) for n in range(600))], "growing-context"),
    ],
)
def test_the_shape_of_memory_tells_loading_from_growing(curve, timing):
    failed = ended(error="CUDA out of memory")
    said = finding(recording(GPU | {"gpus.0.memory_used_bytes": curve}, gpus=("RTX",), end=failed), "vram")

    assert said.timing == timing


def test_a_command_that_fails_while_it_grows_is_watched():
    growing = {"process_resident_bytes": [GIB * n / 600 for n in range(600)]}
    said = finding(recording(growing, end=ended(how="exit", exit_code=1)), "ram")

    assert said.verdict == "watch"
    assert said.rule == "ram-failed-while-growing"
