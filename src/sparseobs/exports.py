"""What a sub-package offers at its top, loaded when it is asked for: `import sparseobs.filtering` costs nothing.

The stub beside a sub-package's `__init__.py` is the only list of its names, one import a name; editors and type
checkers read the same file.
"""

import ast
import importlib
import sys
from collections.abc import Callable
from pathlib import Path


def read_exports(stub: Path) -> dict[str, str]:
    """Return the full name of the module that each name comes from, in the stub's order.

    Args:
        stub: an `__init__.pyi` of lines `from MODULE import NAME as NAME`.
    """
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module for node in imports for alias in node.names}


def offered(package: str) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """Return `__all__`, `__getattr__` and `__dir__` of a sub-package that has a stub.

    Args:
        package: its full name, `__name__`.
    """
    module = sys.modules[package]
    origin = read_exports(Path(module.__file__).with_suffix(".pyi"))

    def get(name: str) -> object:
        if name not in origin:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name, obj=module)
        value = getattr(importlib.import_module(origin[name]), name)
        setattr(module, name, value)  # the next access does not come here
        return value

    return list(origin), get, lambda: sorted({*vars(module), *origin})
