"""Compile the firmware's core for this computer, once for each state of its sources."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from lab.errors import LabError

ROOT: Final = Path(__file__).resolve().parent.parent.parent
FIRMWARE: Final = ROOT / "firmware" / "wioterminal"
BUILD: Final = ROOT / "build" / "firmware"
COMPILERS: Final = ("c++", "g++", "clang++")
# As the board's build has them. No -ffp-contract=off: it cannot be set there, src/core/exact.h does its work.
LANGUAGE: Final = ("-std=gnu++14", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics")
WARNINGS: Final = ("-Wall", "-Wextra", "-Wdouble-promotion", "-Werror")
SHARED: Final = ("-O2", "-fPIC", "-fvisibility=hidden", "-shared")
SUFFIX: Final = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")


@cache
def compiler() -> tuple[str, ...]:
    """Return the command of the C++ compiler: the machine's, or else the one of the package ``ziglang``.

    Raises: LabError when there is neither.
    """
    for name in COMPILERS:
        if found := shutil.which(name):
            return (found,)
    if importlib.util.find_spec("ziglang") is None:
        raise LabError("No C++ compiler was found for the device twin.", "Install g++ or clang++, or run make setup.")
    return zig()


def zig() -> tuple[str, ...]:
    """Return the command of the C++ compiler in the package ``ziglang``; the core needs no C++ library."""
    return (sys.executable, "-m", "ziglang", "c++", "-nostdlib++")


def sources(*folders: str) -> list[Path]:
    """Return the .cpp files of folders of the firmware, such as ``src/core``, in order of their names."""
    return [path for folder in folders for path in sorted((FIRMWARE / folder).glob("*.cpp"))]


def shared_library(command: Sequence[str] | None = None, folders: Sequence[str] = ("src/core", "host")) -> Path:
    """Return a shared library of the folders, compiled if there is none yet of the present sources.

    Parameters: command, the compiler with options of its own; folders, below firmware/wioterminal.
    Raises: LabError when there is no compiler, or it refuses.
    """
    full = [*(command or compiler()), *LANGUAGE, *WARNINGS, *SHARED]
    target = BUILD / f"wio-{_digest(full, folders)}{SUFFIX}"
    if not target.exists():
        run([*full, *map(str, sources(*folders))], target)
    return target


def run(command: Sequence[str], target: Path) -> None:
    """Let a compiler write target, which appears complete or not at all.

    Raises: LabError with the compiler's first lines when it refuses.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder) / target.name
        done = subprocess.run(
            [*command, "-o", str(made)], capture_output=True, text=True, check=False, env=_environment(), cwd=folder
        )
        if done.returncode:
            lines = "\n".join(done.stderr.splitlines()[:20])
            raise LabError(f"The firmware's core was not compiled:\n{lines}\n", f"The compiler was {command[0]}.")
        made.replace(target)


def _environment() -> dict[str, str]:
    """Return the environment of a compiler: Zig keeps its cache below build/."""
    cache_folder = str(BUILD / "zig")
    return {**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache_folder, "ZIG_LOCAL_CACHE_DIR": cache_folder}


def _digest(command: Sequence[str], folders: Sequence[str]) -> str:
    digest = hashlib.sha256("\0".join(command).encode())
    for folder in sorted({*folders, "src/core"}):
        for path in sorted((FIRMWARE / folder).iterdir()):
            if path.suffix in {".cpp", ".h"}:
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
