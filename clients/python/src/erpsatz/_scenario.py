"""Scenarios as callers give them, and as the control API takes them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Mapping, Union

from ._control import ErpsatzError

Scenario = Union[str, "os.PathLike[str]", Mapping[str, Any]]


def scenario_to_send(scenario: Scenario) -> Any:
    """A scenario as `POST /sandboxes` takes it: a known name, a mapping, or the text of a file."""
    if isinstance(scenario, Mapping):
        return scenario
    if isinstance(scenario, str) and not _looks_like_file(scenario):
        return scenario
    try:
        text = Path(scenario).read_text(encoding="utf-8-sig")
    except OSError as why:
        raise ErpsatzError(f"{os.fspath(scenario)}: {why.strerror}") from why
    # A text of one line would be taken for a name.
    return f"{text}\n"


def _looks_like_file(scenario: str) -> bool:
    return any(mark in scenario for mark in "/\\.")
