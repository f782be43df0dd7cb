"""Where the binary is."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from pathlib import Path

from ._control import ErpsatzError


def find_binary() -> str:
    """The path of the binary: what ERPSATZ_BIN names, the one that came with this package, or the one on PATH."""
    named = os.environ.get("ERPSATZ_BIN")
    if named:
        return named
    packed = _packed()
    found = str(packed) if packed else shutil.which("erpsatz")
    if not found:
        raise ErpsatzError("there is no binary: install the wheel of this platform, or name one in ERPSATZ_BIN")
    return found


def _packed() -> Path | None:
    """The binary that the wheel's own list of files names; installers choose the folder."""
    try:
        files = importlib.metadata.files("erpsatz") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name in ("erpsatz", "erpsatz.exe"):
            path = Path(str(file.locate()))
            if path.is_file():
                return path.resolve()
    return None
