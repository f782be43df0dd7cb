"""Simulated ERP servers for tests.

    with erpsatz.start() as running, running.sandbox() as erp:
        erp.session("onlineerp").get("/api/Entity/Product")
"""

from ._binary import find_binary
from ._control import ControlError, ErpsatzError, SandboxLost
from ._running import Erpsatz, StartError, attach, start
from ._sandbox import Clock, Data, Faults, Page, Sandbox, ServerSettings

__all__ = [
    "Clock",
    "ControlError",
    "Data",
    "Erpsatz",
    "ErpsatzError",
    "Faults",
    "Page",
    "Sandbox",
    "SandboxLost",
    "ServerSettings",
    "StartError",
    "attach",
    "find_binary",
    "start",
]
