"""Packs the binary that ERPSATZ_BIN names: as the command `erpsatz`, with its version, for the platform it is made for."""

import os
import struct
import subprocess
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

ELF_MACHINES = {0x3E: "x86_64", 0xB7: "aarch64"}
MACH_CPUS = {0x01000007: "x86_64", 0x0100000C: "arm64"}
PE_MACHINES = {0x8664: "win_amd64", 0xAA64: "win_arm64"}


def binary() -> Path:
    named = os.environ.get("ERPSATZ_BIN")
    if not named or not Path(named).is_file():
        raise SystemExit("ERPSATZ_BIN names the binary that goes into the wheel; `bash clients/pack.sh OUT` sets it")
    return Path(named).resolve()


def platform_tag(content: bytes) -> str:
    """The tag of the platforms that the binary runs on, by its own header."""
    if content[:4] == b"\x7fELF":
        machine = ELF_MACHINES[struct.unpack_from("<H", content, 18)[0]]
        if is_static(content):
            return f"manylinux_2_17_{machine}.manylinux2014_{machine}.musllinux_1_1_{machine}"
        # Which C library it needs is known on this machine only.
        return f"linux_{machine}"
    if content[:4] == b"\xcf\xfa\xed\xfe":
        return "macosx_11_0_" + MACH_CPUS[struct.unpack_from("<I", content, 4)[0]]
    if content[:2] == b"MZ":
        header = struct.unpack_from("<I", content, 0x3C)[0]
        return PE_MACHINES[struct.unpack_from("<H", content, header + 4)[0]]
    raise SystemExit("ERPSATZ_BIN is no program for Linux, macOS or Windows")


def is_static(content: bytes) -> bool:
    """Whether a 64-bit ELF file asks for no loader."""
    table, (size, count) = struct.unpack_from("<Q", content, 32)[0], struct.unpack_from("<HH", content, 54)
    interpreter = 3
    return all(struct.unpack_from("<I", content, table + size * at)[0] != interpreter for at in range(count))


class CustomMetadataHook(MetadataHookInterface):
    def update(self, metadata: dict) -> None:
        # A binary of another platform cannot be asked.
        version = os.environ.get("ERPSATZ_VERSION")
        if not version:
            said = subprocess.run([binary(), "--version"], check=True, capture_output=True, text=True).stdout
            version = said.split()[1]
        metadata["version"] = version


class CustomBuildHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict) -> None:
        if version == "editable":
            return
        content = binary().read_bytes()
        name = "erpsatz.exe" if content[:2] == b"MZ" else "erpsatz"
        build_data["shared_scripts"][str(binary())] = name
        build_data["tag"] = "py3-none-" + platform_tag(content)
        build_data["pure_python"] = False
