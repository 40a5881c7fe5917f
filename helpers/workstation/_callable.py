"""Let a subpackage be called: `workstation.inventory` is a package, and `workstation.inventory()` a function.

Importing a subpackage sets an attribute of its name on the parent: the function of the same name would be gone from
then on. So the subpackage itself answers the call.
"""

import sys
from types import ModuleType

__all__ = ["callable_as_function"]


class _CallableModule(ModuleType):
    """A module that hands a call on to the function that has its name."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        return getattr(self, self.__name__.rpartition(".")[2])(*args, **kwargs)


def callable_as_function(module_name: str) -> None:
    """Make calling the module *module_name* call the function in it that has the module's own name.

    Write `callable_as_function(__name__)` in the subpackage's `__init__.py`.
    """
    sys.modules[module_name].__class__ = _CallableModule
