"""The core compiled for a Cortex-M4 and run on an emulated one, function by function.

The compiler is ``arm-none-eabi-g++`` when the machine has it, else the one in the package ``ziglang``. What is counted
are instructions, not cycles: the emulator knows no waiting for flash.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import unicorn as u
from elftools.elf.elffile import ELFFile
from unicorn import arm_const as arm

from lab.device.compiler import BUILD, FIRMWARE, LANGUAGE, WARNINGS, run, sources

GNU: Final = ("-Os", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16")
# Clang's -Oz is what GCC calls -Os; Zig would turn a plain -Oz into -Os.
ZIG: Final = (
    *("-target", "thumb-linux-musleabihf", "-mcpu=cortex_m4+vfp4d16sp"),
    *("-fno-unwind-tables", "-Os", "-Xclang", "-Oz"),
)
SMALL: Final = ("-fno-math-errno", "-fno-asynchronous-unwind-tables", "-ffunction-sections", "-fdata-sections")
FRAME: Final = "-Wframe-larger-than=512"  # bytes; with -Werror a larger frame does not compile
FREE: Final = "-ffreestanding"  # of code that is not the core's: there is no C library to call
FLASH, RAM, STACK = 0x4000, 0x2000_0000, 0x2003_0000
SCRATCH: Final = 0x3000_0000  # arguments and results
SCRATCH_BYTES: Final = 16 * 1024 * 1024
RETURN: Final = 0x0000_1000
ALIGN: Final = 0x1000
LIMIT: Final = 2_000_000_000  # instructions, so that an endless loop ends
ALLOC: Final = 0x2
EXEC_TABLES: Final = ("SHT_ARM_EXIDX", 0x7000_0001)


def gnu_command() -> tuple[str, ...] | None:
    """Return the command of GCC for the board, None when the machine has none."""
    found = shutil.which("arm-none-eabi-g++")
    return (found, *GNU) if found else None


def zig_command() -> tuple[str, ...]:
    """Return the command of Zig's Clang for the same processor."""
    return (sys.executable, "-m", "ziglang", "c++", *ZIG)


def command() -> tuple[str, ...]:
    """Return the command of the compiler for the board."""
    return gnu_command() or zig_command()


def compiled(source: Path, *options: str, folder: Path = BUILD / "arm") -> Path:
    """Compile a C++ file for the board into a folder and return the object; warnings are errors.

    Raises: LabError with the compiler's first lines when it refuses.
    """
    target = folder / f"{source.parent.name}-{source.stem}.o"
    run([*command(), *LANGUAGE, *WARNINGS, *SMALL, *options, "-c", str(source)], target)
    return target


@cache
def core_objects() -> tuple[Path, ...]:
    """Compile the core as the board has it: warnings and frames above 512 bytes are errors."""
    return tuple(compiled(source, FRAME) for source in sources("src/core"))


@cache
def image() -> Path:
    """Return the linked core with its probes, for the emulator."""
    probes = [compiled(source, FREE) for source in sources("arm")]
    return linked([*core_objects(), *probes], "probe")


def linked(objects: Sequence[Path], name: str) -> Path:
    """Link objects for the emulator and return the image; every function of theirs is kept.

    Raises: LabError with the linker's first lines when it refuses.
    """
    script = str(FIRMWARE / "arm" / "link.ld")
    gnu = gnu_command()
    linker = (
        [*gnu, "-nostdlib", f"-Wl,-T,{script}"] if gnu else [sys.executable, "-m", "ziglang", "ld.lld", "-T", script]
    )
    target = BUILD / "arm" / f"{name}.elf"
    run([*linker, *map(str, objects)], target)
    return target


@dataclass(frozen=True)
class Section:
    """A section of an object. size: bytes; occupies: whether they lie in the file, and so in flash."""

    name: str
    size: int
    occupies: bool


def sections(path: Path) -> list[Section]:
    """Return the sections of an object that take room in flash or RAM; tables of the unwinder are discarded."""
    with path.open("rb") as file:
        found = [section for section in ELFFile(file).iter_sections() if section["sh_flags"] & ALLOC]
        return [
            Section(section.name, section["sh_size"], section["sh_type"] != "SHT_NOBITS")
            for section in found
            if section["sh_type"] not in EXEC_TABLES
        ]


def flash_bytes(path: Path) -> int:
    """Return how many bytes of flash an object takes."""
    return sum(section.size for section in sections(path) if section.occupies)


def symbols(path: Path, *, defined: bool) -> set[str]:
    """Return the names of an object's symbols that it defines, or that it asks others for."""
    with path.open("rb") as file:
        table: Any = ELFFile(file).get_section_by_name(".symtab")
        return {s.name for s in table.iter_symbols() if s.name and (s["st_shndx"] != "SHN_UNDEF") is defined}


class CortexM4:
    """An emulated Cortex-M4 with an image in its flash. Arguments and results live in a scratch memory.

    Parameters: elf, an image of ``linked``; without it, the core with its probes.
    """

    def __init__(self, elf: Path | None = None) -> None:
        self._cpu: Any = u.Uc(u.UC_ARCH_ARM, u.UC_MODE_THUMB | u.UC_MODE_MCLASS)
        self._cpu.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_M4)
        self._cpu.mem_map(0, 0x10_0000)
        self._cpu.mem_map(RAM, STACK - RAM)
        self._cpu.mem_map(SCRATCH, SCRATCH_BYTES)
        self._cpu.mem_map(0xE000_E000, ALIGN)
        self._free = SCRATCH
        self._instructions = 0
        with (elf or image()).open("rb") as file:
            read = ELFFile(file)
            for segment in read.iter_segments("PT_LOAD"):
                self._cpu.mem_write(segment["p_vaddr"], segment.data())
            table: Any = read.get_section_by_name(".symtab")
            self._address = {symbol.name: symbol["st_value"] for symbol in table.iter_symbols()}
        self._cpu.mem_write(0xE000_ED88, (0xF << 20).to_bytes(4, "little"))  # CPACR: switch the FPU on

    def put(self, data: bytes) -> int:
        """Write bytes into the scratch memory and return their address."""
        address = self.room(len(data))
        self._cpu.mem_write(address, data)
        return address

    def room(self, size: int) -> int:
        """Return the address of fresh memory.

        Raises: MemoryError when the scratch memory is used up.
        """
        address, self._free = self._free, self._free + (size + 15) // 16 * 16
        if self._free > SCRATCH + SCRATCH_BYTES:
            raise MemoryError(f"the scratch memory has {SCRATCH_BYTES} bytes")
        return address

    def get(self, address: int, size: int) -> bytes:
        """Return bytes of the scratch memory."""
        return bytes(self._cpu.mem_read(address, size))

    def call(self, name: str, *arguments: int) -> int:
        """Call a function with up to four words and return r0.

        Raises: RuntimeError when it does not return.
        """
        registers = (arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2, arm.UC_ARM_REG_R3)
        for register, value in zip(registers, arguments, strict=False):
            self._cpu.reg_write(register, value & 0xFFFF_FFFF)
        self._cpu.reg_write(arm.UC_ARM_REG_SP, STACK)
        self._cpu.reg_write(arm.UC_ARM_REG_LR, RETURN | 1)
        self._cpu.emu_start(self._address[name] | 1, RETURN, count=LIMIT)
        if self._cpu.reg_read(arm.UC_ARM_REG_PC) != RETURN:
            raise RuntimeError(f"{name} did not return")
        return int(self._cpu.reg_read(arm.UC_ARM_REG_R0))

    def instructions(self, name: str, *arguments: int) -> int:
        """Call a function and return how many instructions it took."""
        self._instructions = 0
        hook = self._cpu.hook_add(u.UC_HOOK_CODE, self._count)
        self._cpu.ctl_flush_tb()  # code that was translated before does not call the hook
        self.call(name, *arguments)
        self._cpu.hook_del(hook)
        self._cpu.ctl_flush_tb()
        return self._instructions

    def _count(self, *_: object) -> None:
        self._instructions += 1
