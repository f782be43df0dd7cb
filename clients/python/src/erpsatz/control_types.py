"""What the control API takes and gives, for type checkers: `control_types.pyi`. While a program runs, each is Any."""

from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return Any
