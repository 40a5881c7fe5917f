"""Start notebooks in this Python, with the course's magics there from the first cell on, also after a restart."""

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager

__all__ = ["CourseKernelSpecManager"]

_EXTENSION = "--IPKernelApp.extra_extensions=workstation"


class CourseKernelSpecManager(KernelSpecManager):
    """Answer for the kernel ``python3`` ourselves; leave all others as they are.

    A ``python3`` that another project once installed for this user would start in an environment without the course.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return how to start a kernel: for ``python3``, this environment's own, with our extension."""
        if kernel_name != NATIVE_KERNEL_NAME:
            return super().get_kernel_spec(kernel_name)
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict(extra_arguments=[_EXTENSION]))
