"""Which branches of the core the tests on the host take; ``python -m tests.firmware.coverage`` names the rest.

Clang, in the package ``ziglang`` of the test group, counts every block of the control flow; an edge from a block with
several ways out has a block of its own, so a branch was taken if the block behind it was. A choice between constants is
no branch. The decision tree (model*) is generated, with tests and a build of its own. What only tests on the emulated
board reach does not count.
Source: https://clang.llvm.org/docs/SanitizerCoverage.html
"""

from __future__ import annotations

import bisect
import ctypes as c
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile

from lab.device import compiler
from tests.firmware.test_sanitizers import FUZZ

LEAST = 0.95
HERE = Path(__file__).parent
TESTS = ("test_node.py", "test_payload.py", "test_contract.py", "test_anomaly.py", "test_core.py", "test_parts.py")
COUNT = (
    "type=3",  # blocks, with edges split
    "inline-8bit-counters",
    "pc-table",
    "control-flow",
    "no-prune",
)
OPTIONS = ("-O0", "-gdwarf-4", "-fPIC", "-fno-sanitize=undefined", "-fno-math-errno")
ONLY_CORE = "src:*\nfun:_ZN4core*\nfun:_ZNK4core*\n"
WITHOUT_TREE = "src:*/model*.cpp\n"
RUN = """
import pathlib, sys
import hypothesis, pytest
from tests.firmware import coverage, probe
from lab.device import core
hypothesis.settings.register_profile("coverage", max_examples=30, deadline=None, database=None)
library, out, *tests = map(pathlib.Path, sys.argv[1:])
core.shared_library = probe.shared_library = lambda *_, **__: library
status = pytest.main(["-q", "-W", "ignore", "--hypothesis-profile=coverage", *map(str, tests)])
coverage.note(library, out)
sys.exit(status)
"""
NOTE = "\nfrom pathlib import Path\nfrom tests.firmware import coverage\ncoverage.note(*map(Path, sys.argv[1:3]))\n"

Branch = tuple[int, int]
"""A block and one that may follow it, as addresses in the library's file."""


@dataclass(frozen=True)
class Coverage:
    """Branches, and those of them that were taken."""

    branches: frozenset[Branch]
    taken: frozenset[Branch]

    @property
    def share(self) -> float:
        return len(self.taken) / len(self.branches)

    @property
    def missed(self) -> list[Branch]:
        return sorted(self.branches - self.taken)

    def __or__(self, other: Coverage) -> Coverage:
        assert self.branches == other.branches
        return Coverage(self.branches, self.taken | other.taken)


def build(sources: Iterable[Path], folder: Path) -> Path:
    """Compile a library that counts what namespace ``core`` does in these sources."""
    (folder / "only").write_text(ONLY_CORE)
    (folder / "without").write_text(WITHOUT_TREE)
    lists = (f"allowlist={folder / 'only'}", f"ignorelist={folder / 'without'}")
    counting = [word for option in (*COUNT, *lists) for word in ("-Xclang", f"-fsanitize-coverage-{option}")]
    objects = []
    for number, source in enumerate((*sources, HERE / "counters.cpp")):
        objects.append(folder / f"{number}.o")
        command = [*compiler.zig(), *compiler.LANGUAGE, *compiler.WARNINGS, *OPTIONS]
        compiler.run([*command, *(counting if source.parent != HERE else ()), "-c", str(source)], objects[-1])
    library = folder / f"core{compiler.SUFFIX}"
    # What is missing, such as memcpy, comes from the process that loads the library; Zig's driver would build its own.
    linker = (sys.executable, "-m", "ziglang", "ld.lld") if sys.platform == "linux" else compiler.zig()
    compiler.run([*linker, "-shared", *map(str, objects)], library)
    return library


def read(library: Path) -> Coverage:
    """Return what this process has taken so far of a library that it has loaded."""
    loaded = c.CDLL(str(library))
    base = c.cast(loaded.coverage_blocks, c.c_void_p).value or 0
    words = [word - base if word else 0 for word in _table(loaded.coverage_flow, c.c_size_t)]
    addresses = [word - base for word in _table(loaded.coverage_blocks, c.c_size_t)[::2]]
    counts = dict(zip(addresses, _table(loaded.coverage_counters, c.c_uint8), strict=True))
    branches = frozenset((block, way) for block, *ways in _flow(words) if len(set(ways)) > 1 for way in ways)
    return Coverage(branches, frozenset(branch for branch in branches if counts[branch[1]]))


def _table(function: object, kind: type) -> list[int]:
    begin = c.POINTER(kind)()
    function.restype = c.c_size_t  # type: ignore[attr-defined]
    return list(begin[: function(c.byref(begin))])  # type: ignore[operator]


def _flow(words: Sequence[int]) -> Iterator[list[int]]:
    """Yield each block with those that may follow it: a row is block, followers, 0, called functions, 0."""
    row: list[int] = []
    ends = 0
    for word in words:
        if word:
            if not ends:
                row.append(word)
            continue
        ends += 1
        if ends == 2:
            yield row
            row, ends = [], 0


def note(library: Path, out: Path) -> None:
    """Write what this process has taken into a file, for the process that started it."""
    found = read(library)
    out.write_text(json.dumps([sorted(found.branches), sorted(found.taken)]))


def measure(folder: Path) -> tuple[Path, Coverage]:
    """Build the core with counters, run the tests and the fuzzing with it; return the library and what was taken."""
    files = [path for path in compiler.sources("src/core", "host", "arm") if path.stem != "basics"]
    library = build(files, folder)
    tests = [str(HERE / name) for name in TESTS]
    runs = ([RUN, str(library), str(folder / "tests"), *tests], [FUZZ + NOTE, str(library), str(folder / "fuzz")])
    found = None
    for code, *arguments in runs:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], cwd=compiler.ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        branches, taken = json.loads(Path(arguments[1]).read_text())
        now = Coverage(frozenset(map(tuple, branches)), frozenset(map(tuple, taken)))
        found = now if found is None else found | now
    assert found is not None
    return library, found


def places(library: Path, branches: Iterable[Branch]) -> list[str]:
    """Return the lines of branches, such as ``node.cpp:48 to node.cpp:50``."""
    with library.open("rb") as file:
        elf = ELFFile(file)
        symbols = elf.get_section_by_name(".symtab")
        base = next(s["st_value"] for s in symbols.iter_symbols() if s.name == "coverage_blocks")
        lines = sorted(_lines(elf.get_dwarf_info()))

    def line(address: int) -> str:
        return lines[bisect.bisect_right(lines, (address + base, "~")) - 1][1]

    return sorted({f"{line(block)} to {line(way)}" for block, way in branches})


def _lines(dwarf: object) -> Iterator[tuple[int, str]]:
    for unit in dwarf.iter_CUs():  # type: ignore[attr-defined]
        program = dwarf.line_program_for_CU(unit)  # type: ignore[attr-defined]
        files = program["file_entry"]
        for entry in program.get_entries():
            if entry.state is not None and entry.state.line:  # 0: code that belongs to no line
                yield entry.state.address, f"{Path(files[entry.state.file - 1].name.decode()).name}:{entry.state.line}"


def main() -> int:
    """Print the share with the branches that were never taken."""
    with tempfile.TemporaryDirectory() as folder:
        library, found = measure(Path(folder))
        for place in places(library, found.missed):
            print(f"never taken: {place}")
    print(f"branches of src/core: {len(found.taken)} of {len(found.branches)} taken, {found.share:.1%}")
    return 0 if found.share >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
