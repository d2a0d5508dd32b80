"""The core on an emulated Cortex-M4: the same bytes as on the host, within the budgets of the board."""

from __future__ import annotations

import ctypes as c
import itertools
import json
import random

import pytest

from lab.device import cortex_m4
from lab.errors import LabError
from tests.firmware import probe

BATCH = 10_000
FLASH_BUDGET = 8 * 1024
PAYLOAD_BUDGET = 2_000
NAN = float("nan")
LIBRARY = {"memset", "memcpy", "memmove", "strlen", "strncmp", "sqrtf", "fabsf"}
COMPILER_MEMORY = "__aeabi_mem"  # the compiler's own names of memset and memcpy


@pytest.fixture(scope="module")
def board() -> cortex_m4.CortexM4:
    return cortex_m4.CortexM4()


def random_readings(count: int) -> bytes:
    """Readings at random: most of them plausible, some at or beyond the limits of a float."""
    chance = random.Random(20)
    strange = [float("inf"), float("nan"), -0.0, 0.005, -0.005, 3e7, 1e6, 99.995, 1e-40, -49.995]
    packed = b""
    for _ in range(count):
        temperature = chance.choice(strange) if chance.random() < 0.1 else chance.uniform(-50, 100)
        humidity = chance.choice([float("nan"), 0.0, 100.0, chance.uniform(0, 100), chance.uniform(0, 100)])
        score = chance.choice([0.0, 0.32, chance.random()])
        timestamp = chance.choice([0, chance.randrange(1, 2**32), 1_790_000_000])
        dropped = chance.choice([0, 0, chance.randrange(2**32)])
        rest = {"timestamp": timestamp, "dropped": dropped, "simulated": chance.randrange(2)}
        packed += probe.reading(temperature, humidity, score=score, **rest)
    return packed


def test_ten_thousand_random_readings_give_the_same_bytes_as_on_the_host(board):
    device_id = b"wio-terminal-001\0"
    readings = random_readings(BATCH)
    here = c.create_string_buffer(BATCH * probe.SLOT)
    probe.host().probe_payloads(device_id, readings, BATCH, here)
    there = board.room(BATCH * probe.SLOT)
    board.call("probe_payloads", board.put(device_id), board.put(readings), BATCH, there)
    assert board.get(there, BATCH * probe.SLOT) == here.raw
    assert here.raw.count(b'"temperature":') > BATCH / 2


def test_a_device_under_random_events_lives_the_same_life_as_on_the_host(board):
    size = 1_000_000
    here = c.create_string_buffer(size)
    used = probe.host().probe_life(11, 3_000, here, size)
    there = board.room(size)
    assert board.call("probe_life", 11, 3_000, there, size) == used
    assert board.get(there, used) == here.raw[:used]
    assert {b'"state":"%s"' % state in here.raw for state in (b"waiting", b"tls", b"online")} == {True}


def test_the_longest_message_under_the_longest_name_stays_within_its_instructions(board):
    name, device_id, out = b"w" * 128, board.room(probe.NAME_BYTES), board.room(probe.SLOT)
    board.call("probe_device_id", board.put(name + b"\0"), device_id)
    most = 2**32 - 1
    taken = [0]
    for temperature, humidity, score in itertools.product((-49.99, -10.01, 99.99), (99.99, 100, NAN), (0.99, 1)):
        rest = {"timestamp": most, "dropped": most, "simulated": 1}
        reading = board.put(probe.reading(temperature, humidity, score=score, **rest))
        taken.append(board.instructions("probe_payload", device_id, reading, out, probe.SLOT))
        message = board.get(out, probe.SLOT).partition(b"\0")[0]
        assert json.loads(message)["device_id"] == name.decode()
        assert message.endswith(b',"dropped":4294967295}')
    assert 500 < max(taken) <= PAYLOAD_BUDGET


def test_the_core_fits_into_its_share_of_the_flash_and_holds_no_memory_of_its_own():
    flash = {path.name: 0 for path in cortex_m4.core_objects()}
    memory = 0
    for path in cortex_m4.core_objects():
        for section in cortex_m4.sections(path):
            flash[path.name] += section.size if section.occupies else 0
            memory += section.size if section.name.startswith((".bss", ".data")) else 0
    assert sum(flash.values()) <= FLASH_BUDGET, flash
    assert memory == 0


def test_the_core_asks_for_nothing_but_the_basics_of_the_c_library():
    defined = set().union(*(cortex_m4.symbols(path, defined=True) for path in cortex_m4.core_objects()))
    asked = set().union(*(cortex_m4.symbols(path, defined=False) for path in cortex_m4.core_objects()))
    foreign = {name for name in asked - defined if not name.startswith(COMPILER_MEMORY)}
    assert foreign <= LIBRARY


def test_a_stack_frame_above_512_bytes_is_refused_by_the_compiler(tmp_path):
    source = tmp_path / "large.cpp"
    body = "void use(char*);\nvoid large() {{ char room[{size}]; use(room); }}\n"
    options = (*cortex_m4.command(), *cortex_m4.LANGUAGE, *cortex_m4.SMALL, "-Werror", cortex_m4.FRAME, "-c")
    source.write_text(body.format(size=300))
    cortex_m4.run([*options, str(source)], tmp_path / "large.o")
    source.write_text(body.format(size=600))
    with pytest.raises(LabError, match="frame"):
        cortex_m4.run([*options, str(source)], tmp_path / "large.o")
