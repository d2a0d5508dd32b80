"""Measure which branches of the firmware's core the tests on the host take: ``python -m tests.firmware.coverage``.

The decision tree (model*) is generated, and has tests and a build of its own. g++ and gcov are needed. Exit status 1
below the least share. What only tests on the emulated board reach does not count.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

from lab.device import compiler
from tests.firmware.test_sanitizers import FUZZ

LEAST = 0.95
FOLDER = compiler.BUILD / "coverage"
LIBRARY = FOLDER / "wio.so"
TESTS = ("test_node.py", "test_payload.py", "test_contract.py", "test_anomaly.py", "test_core.py", "test_parts.py")
RUN = """
import sys, pathlib, pytest
from lab.device import core
from tests.firmware import probe
core.shared_library = probe.shared_library = lambda *_, **__: pathlib.Path(sys.argv[1])
sys.exit(pytest.main(["-q", "-W", "ignore", *sys.argv[2:]]))
"""

Branch = tuple[str, int, int]


def build() -> None:
    """Compile core, face and probes with counters; without exceptions a call is no branch."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    options = (*compiler.LANGUAGE, *compiler.WARNINGS, "-O0", "-fPIC", "-shared", "--coverage")
    files = [str(path) for path in compiler.sources("src/core", "host", "arm") if path.stem != "basics"]
    subprocess.run(["g++", *options, *files, "-o", str(LIBRARY)], cwd=FOLDER, check=True)


def branches() -> dict[Branch, int]:
    """Return how often each branch of src/core was taken; gcov counts one of a header once for each file."""
    subprocess.run(["gcov", "--branch-probabilities", "--json-format", *FOLDER.glob("*.gcda")], cwd=FOLDER, check=True)
    taken: dict[Branch, int] = {}
    for report in FOLDER.glob("*.gcov.json.gz"):
        for file in json.loads(gzip.decompress(report.read_bytes()))["files"]:
            if Path(file["file"]).parent.name != "core" or Path(file["file"]).stem.startswith("model"):
                continue
            for line in file["lines"]:
                for index, branch in enumerate(line["branches"]):
                    key = (Path(file["file"]).name, line["line_number"], index)
                    taken[key] = taken.get(key, 0) + branch["count"]
    return taken


def main() -> int:
    """Build, run, count, and print the share with the branches that were never taken."""
    if not (shutil.which("g++") and shutil.which("gcov")):
        print("error: branch coverage needs g++ and gcov. Install GCC.", file=sys.stderr)
        return 2
    build()
    here = Path(__file__).parent
    tests = [str(here / name) for name in TESTS if (here / name).exists()]
    for command in (["-c", RUN, str(LIBRARY), *tests], ["-c", FUZZ, str(LIBRARY)]):
        subprocess.run([sys.executable, *command], check=True, cwd=compiler.ROOT)
    taken = branches()
    missed = sorted(branch for branch, count in taken.items() if not count)
    share = 1 - len(missed) / len(taken)
    for name, line, _ in missed:
        print(f"never taken: {name}:{line}")
    print(f"branches of src/core: {len(taken) - len(missed)} of {len(taken)} taken, {share:.1%}")
    return 0 if share >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
