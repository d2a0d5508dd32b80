"""The core under the sanitizers of undefined behaviour and addresses, in a process of its own, which they may end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lab.device.compiler import compiler, shared_library

# A trap instead of a message needs no run-time library, so any compiler will do; the first finding ends the process.
OPTIONS = ("-O1", "-g", "-fsanitize=undefined", "-fsanitize-undefined-trap-on-error")
FOLDERS = ("src/core", "arm")
FUZZ = r"""
import ctypes as c, mmap, random, struct, sys
core = c.CDLL(sys.argv[1])
# Memory that ends where an inaccessible page begins: one byte too far ends the process, with any compiler.
area = mmap.mmap(-1, 4 * mmap.PAGESIZE)
begin = c.addressof(c.c_char.from_buffer(area))
for page in (1, 3):
    assert c.CDLL(None).mprotect(c.c_void_p(begin + page * mmap.PAGESIZE), c.c_size_t(mmap.PAGESIZE), 0) == 0
def room(size):
    return c.c_void_p(begin + mmap.PAGESIZE - size)
def given(data):
    address = begin + 3 * mmap.PAGESIZE - len(data)
    c.memmove(address, data, len(data))
    return c.c_void_p(address)
chance, NAMES = random.Random(8), [b"wio-1", b"w" * 128, b"w" * 129, b"", b"\xff"]
identity = c.create_string_buffer(16)
climate, words = c.create_string_buffer(12), (c.c_uint32 * 4096)()
for _ in range(20_000):
    raw, size = chance.randbytes(48), chance.randrange(385)
    name = chance.choice([*NAMES, raw.replace(b"\0", b"")]) + b"\0"
    temperature, score = struct.unpack("<ff", raw[:8])
    core.probe_hundredths(given(raw[:4]), room(size % 40), size % 40)
    core.probe_device_id(name, identity)
    core.probe_payload(identity, given(raw[:28]), room(size), size)
    core.probe_topic(given(name), room(size % 160), size % 160)
    core.probe_plausible(given(raw[:28]))
    core.probe_word(given(raw.replace(b"\0", b"") + b"\0"), room(size % 200), size % 200)
    core.probe_bme280(given(raw[:37]), climate)
    for kind in range(3):
        core.probe_climate(kind, given(raw[:7]), climate)
for seed in range(20):
    state = c.create_string_buffer(core.probe_state_size())
    samples = chance.randbytes(8 * 2000)
    core.probe_scores(state, samples, 2000, words)
    core.probe_chart(samples, 100, words)
    core.probe_ring(chance.randbytes(500), 500, words)
    core.probe_clock(chance.randbytes(8 * 500), 500, words)
    core.probe_backoff(seed, chance.randrange(2**32), 500, words)
    room = c.create_string_buffer(400_000)
    core.probe_life(seed, 700, room, 400_000)
print("sound")
"""


def address_sanitizer() -> tuple[tuple[str, ...], dict[str, str]]:
    """Return options and environment of GCC's address sanitizer; nothing where the compiler has none to preload.

    The guard pages of FUZZ watch the buffers then as well.
    """
    name = subprocess.run([*compiler(), "-print-file-name=libasan.so"], capture_output=True, text=True, check=False)
    runtime = Path(name.stdout.strip())
    if name.returncode or not runtime.is_absolute():
        return (), {}
    # Python itself leaks at its end, and starts before the library is loaded: hence the preload.
    return ("-fsanitize=address",), {"LD_PRELOAD": str(runtime.resolve()), "ASAN_OPTIONS": "detect_leaks=0"}


def run(code: str, library: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, str(library)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})


def test_random_bytes_meet_neither_undefined_behaviour_nor_foreign_memory():
    options, environment = address_sanitizer()
    done = run(FUZZ, shared_library((*compiler(), *OPTIONS, *options), FOLDERS), environment)
    assert (done.returncode, done.stdout) == (0, "sound\n"), done.stderr


def test_a_byte_beyond_a_buffer_is_noticed_without_a_sanitizer(tmp_path):
    source, library = tmp_path / "broken.cpp", tmp_path / "broken.so"
    body = "int probe_hundredths(const char*, char* out, unsigned size) { return out[size] = 1; }"
    source.write_text('extern "C" { ' + body + " }\n")
    subprocess.run([*compiler(), "-fPIC", "-shared", str(source), "-o", str(library)], check=True)
    assert run(FUZZ, library, {}).returncode < 0


def test_a_library_with_undefined_behaviour_is_ended(tmp_path):
    source, library = tmp_path / "broken.cpp", tmp_path / "broken.so"
    source.write_text('extern "C" int broken() { volatile int most = 2147483647; return most + 1; }\n')
    subprocess.run([*compiler(), *OPTIONS, "-fPIC", "-shared", str(source), "-o", str(library)], check=True)
    assert run("import ctypes, sys; ctypes.CDLL(sys.argv[1]).broken()", library, {}).returncode < 0
