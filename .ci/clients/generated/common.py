"""What the life cycles of all servers need."""

import os
from typing import Any, TypeVar

T = TypeVar("T")


def at(server: str) -> str:
    return os.environ[f"ERPSATZ_{server}_URL"] + "/~python"


def variable(name: str) -> str:
    return os.environ[f"ERPSATZ_{name}"]


def given(kind: type[T], answer: Any) -> T:
    """What a call gave, where it was the documented success."""
    assert isinstance(answer, kind), answer
    return answer
