"""Decide what kind of machine this is (real, virtual, WSL2 or a container) from files alone."""

import re
from typing import NamedTuple

from workstation.inventory._facts import Fact, inferred, measured, missing
from workstation.inventory._read import Source
from workstation.inventory.model import Virtualization

INITIAL_PID_NAMESPACE = "pid:[4026531836]"  # a constant of the kernel: PROC_PID_INIT_INO

_CONTAINER_GROUP = re.compile(
    r"/docker[/-]|/kubepods|/lxc[/.]|libpod-|crio-|cri-containerd|/containerd/|/ecs/|/garden/|/buildkit/|/actions_job/"
)
# gVisor's kernel answers with one constant build date.
_GVISOR = re.compile(r"gvisor|#1 SMP Sun Jan 10 15:06:54 PST 2016", re.IGNORECASE)
_VIRTUAL_PRODUCT = re.compile(
    r"kvm|qemu|vmware|virtualbox|innotek|virtual machine|bochs|xen|openstack|google compute engine|parallels"
    r"|dummy-virt|amazon ec2|bhyve|droplet|apple virtualization|hvm domu|firecracker",
    re.IGNORECASE,
)


class Traces(NamedTuple):
    """What different kinds of machine leave lying about."""

    kernel: str  # /proc/sys/kernel/osrelease and /proc/version
    pid_namespace: str | None
    groups: str  # of this process and of the first one
    container_variable: bool
    kubernetes: bool
    containerenv: bool
    dockerenv: bool
    root_filesystem: str | None
    hypervisor_flag: bool | None
    product: str  # DMI's vendor and product, or a device tree's hypervisor and board


def read_traces(source: Source, *, root_filesystem: str | None, hypervisor_flag: bool | None) -> Traces:
    """Collect the traces from /proc, /sys, two marker files and two variables."""
    kernel = [source.read(path) or "" for path in ("/proc/sys/kernel/osrelease", "/proc/version")]
    groups = [source.read(path) or "" for path in ("/proc/self/cgroup", "/proc/1/cgroup")]
    product = [source.read(f"/sys/class/dmi/id/{name}") or "" for name in ("sys_vendor", "product_name")]
    xen = source.read("/sys/hypervisor/type") or ""
    board = [source.read(f"/proc/device-tree/{name}") or "" for name in ("hypervisor/compatible", "model")]
    return Traces(
        kernel=" ".join(kernel),
        pid_namespace=source.link("/proc/self/ns/pid"),
        groups="\n".join(groups),
        container_variable=bool(source.variable("container")),
        kubernetes=bool(source.variable("KUBERNETES_SERVICE_HOST")),
        containerenv=source.exists("/run/.containerenv"),
        dockerenv=source.exists("/.dockerenv"),
        root_filesystem=root_filesystem,
        hypervisor_flag=hypervisor_flag,
        product=" ".join([*product, xen, *board]).replace("\0", " "),
    )


def decide_virtualization(traces: Traces) -> Fact[Virtualization]:
    """Name the innermost layer: a container inside WSL2 is a container."""
    container = _container_trace(traces)
    if container:
        return inferred("container", container)
    if "microsoft" in traces.kernel.lower():
        return _windows_subsystem(traces)
    if _VIRTUAL_PRODUCT.search(traces.product) and "metal" not in traces.product.lower():
        return inferred("vm", "product name in DMI or device tree")
    if traces.hypervisor_flag:
        return measured("vm", "hypervisor flag in /proc/cpuinfo")
    if traces.hypervisor_flag is False or traces.product.strip():
        return inferred("none", "no hypervisor flag, product name or container mark found")
    return missing(
        "neither the processor's flags nor the firmware's product name could be read",
        "run systemd-detect-virt, or ask whoever set the machine up",
    )


def _container_trace(traces: Traces) -> str | None:
    """Return which trace shows a container, strongest first, or `None`."""
    in_windows = "microsoft" in traces.kernel.lower()  # each WSL2 distribution has a process namespace of its own
    own_processes = traces.pid_namespace not in {None, INITIAL_PID_NAMESPACE}
    # Virtual machines are built from container images too, and keep the mark: it needs a second trace.
    image_mark = traces.dockerenv and (own_processes or traces.root_filesystem in {None, "overlay"})
    signs = (
        (bool(_GVISOR.search(traces.kernel)), "gVisor's kernel version"),
        (traces.containerenv, "/run/.containerenv"),
        (image_mark, "/.dockerenv"),
        (bool(_CONTAINER_GROUP.search(traces.groups)), "/proc/self/cgroup and /proc/1/cgroup"),
        (traces.kubernetes, "variable KUBERNETES_SERVICE_HOST"),
        (traces.container_variable, "variable container"),
        (own_processes and not in_windows, "process namespace of its own"),
    )
    return next((sign for present, sign in signs if present), None)


def _windows_subsystem(traces: Traces) -> Fact[Virtualization]:
    if "4.4.0-" in traces.kernel and "wsl2" not in traces.kernel.lower():
        return missing(
            "this is the first version of the Windows Subsystem for Linux, which is no virtual machine",
            "run wsl --list --verbose in Windows",
        )
    return measured("wsl2", "kernel release name")
