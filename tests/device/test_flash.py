from __future__ import annotations

import os
import pty
import re
import struct
import termios
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.device import drive, flash, uf2, usb
from lab.errors import LabError

VECTORS = struct.pack("<2I", 0x20030000, 0x4409)
IMAGE = VECTORS + bytes(range(256)) * 5


def port(device: str, pid: int, vid: int = 0x2886) -> SimpleNamespace:
    return SimpleNamespace(device=device, vid=vid, pid=pid)


APP, BOOT = port("/dev/ttyACM0", 0x802D), port("/dev/ttyACM1", 0x002D)
OTHERS = [port("/dev/ttyS0", None, None), port("/dev/ttyUSB0", 0x802D, 0x10C4), port("/dev/ttyACM9", 0x8057)]


def seen(*listings: list[Any]) -> Callable[[], list[Any]]:
    """Port listings, one a look; the last one stays."""
    left = list(listings)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_the_board_is_found_among_other_ports_by_its_usb_ids() -> None:
    assert usb.find(None, seen([*OTHERS, APP])) == usb.Wio("/dev/ttyACM0", False)
    assert usb.find(None, seen([*OTHERS, BOOT])) == usb.Wio("/dev/ttyACM1", True)


def test_without_a_board_the_sentence_says_what_to_try() -> None:
    with pytest.raises(LabError, match=r"No Wio Terminal was found\. .*RESET twice.*--twin"):
        usb.find(None, seen(OTHERS))


def test_two_boards_are_asked_to_be_told_apart() -> None:
    two = seen([APP, port("/dev/ttyACM5", 0x802D)])
    with pytest.raises(LabError, match=r"2 Wio Terminals were found. Choose by --port: /dev/ttyACM0, /dev/ttyACM5"):
        usb.find(None, two)
    assert usb.find("/dev/ttyACM5", two).port == "/dev/ttyACM5"


def test_a_port_with_another_device_is_refused() -> None:
    with pytest.raises(LabError, match=r"No Wio Terminal is at /dev/ttyUSB0. Choose by --port: /dev/ttyACM0"):
        usb.find("/dev/ttyUSB0", seen([*OTHERS, APP]))


def test_the_touch_opens_at_1200_baud_and_waits_for_the_bootloader() -> None:
    ours, theirs = pty.openpty()
    running = port(os.ttyname(theirs), 0x802D)
    found = usb.touch(usb.Wio(running.device, False), seen([running], [], [BOOT]))
    assert found == usb.Wio("/dev/ttyACM1", True)
    assert termios.tcgetattr(theirs)[4:6] == [termios.B1200, termios.B1200]
    os.close(ours)
    os.close(theirs)


def test_a_bootloader_that_was_there_before_is_not_taken_for_the_touched_board() -> None:
    ours, theirs = pty.openpty()
    running, own = port(os.ttyname(theirs), 0x802D), port("/dev/ttyACM2", 0x002D)
    found = usb.touch(usb.Wio(running.device, False), seen([running, BOOT], [BOOT], [BOOT, own]))
    assert found.port == "/dev/ttyACM2"
    os.close(ours)
    os.close(theirs)


def test_a_bootloader_that_stays_away_is_a_sentence_with_a_cure() -> None:
    ours, theirs = pty.openpty()
    with pytest.raises(LabError, match=r"bootloader did not appear\. Slide the power switch"):
        usb.touch(usb.Wio(os.ttyname(theirs), False), seen([]), seconds=0)
    os.close(ours)
    os.close(theirs)


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_uf2_holds_the_image_block_by_block(tail: bytes) -> None:
    image = VECTORS + tail
    file = uf2.from_binary(image)
    blocks = [file[at : at + 512] for at in range(0, len(file), 512)]
    fields = [struct.unpack("<8I", block[:32]) for block in blocks]
    # https://github.com/microsoft/uf2#file-format and its family list
    assert {field[:3] for field in fields} == {(0x0A324655, 0x9E5D5157, 0x00002000)}
    assert [field[3] for field in fields] == [0x4000 + 256 * number for number in range(len(blocks))]
    assert [field[5:] for field in fields] == [(number, len(blocks), 0x55114460) for number in range(len(blocks))]
    assert {block[-4:] for block in blocks} == {bytes.fromhex("306fb10a")}
    data = b"".join(block[32 : 32 + field[4]] for block, field in zip(blocks, fields, strict=True))
    assert data[: len(image)] == image
    assert set(data[len(image) :]) <= {0}
    assert uf2.is_for_wio(file)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        uf2.from_binary(IMAGE)[:-1],
        uf2.from_binary(IMAGE)[512:],
        uf2.from_binary(IMAGE, 0x2000),
        uf2.from_binary(IMAGE).replace(struct.pack("<I", 0x55114460), struct.pack("<I", 0x68ED2B88)),
        uf2.from_binary(bytes(600)),
        uf2.from_binary(struct.pack("<2I", 0x20030000, 0x08000101)),
    ],
)
def test_a_file_for_another_board_or_a_part_of_one_is_refused(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "sketch.uf2").write_bytes(broken)
    with pytest.raises(LabError, match="no sketch for the Wio Terminal"):
        flash.as_uf2(tmp_path / "sketch.uf2")


@pytest.fixture
def wio_drive(tmp_path: Path) -> Path:
    place = tmp_path / "Arduino"
    place.mkdir()
    (place / "INFO_UF2.TXT").write_text("Model: Wio Terminal\r\nBoard-ID: SAMD51P19A-WioTerminal-v0\r\n")
    return place


def test_an_image_is_copied_to_the_bootloaders_drive_with_progress(tmp_path: Path, wio_drive: Path) -> None:
    (tmp_path / "sketch.bin").write_bytes(IMAGE)
    (tmp_path / "other").mkdir()
    done: list[int] = []
    places = seen([tmp_path / "other"], [tmp_path / "other", wio_drive])
    back = flash.copy_image(
        tmp_path / "sketch.bin", None, done.append, ports=seen([BOOT], [BOOT], [APP]), places=places
    )
    assert back == usb.Wio("/dev/ttyACM0", False)
    copied = (wio_drive / "NEW.UF2").read_bytes()
    assert copied == uf2.from_binary(IMAGE)
    assert done[-1] == len(copied)


def test_a_drive_that_is_not_mounted_is_a_sentence_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"drive is not mounted.*udisksctl"):
        drive.find(lambda: [tmp_path], seconds=0)


def test_a_drive_that_vanishes_too_early_is_said(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"vanished after 0 of 3,072 bytes"):
        drive.copy(uf2.from_binary(IMAGE), tmp_path / "gone")


class Tools:
    """Stands for the programs on PATH; notes what was run."""

    def __init__(self, *names: str, status: int = 0) -> None:
        self.names, self.status = names, status
        self.commands: list[Sequence[str]] = []

    def which(self, name: str) -> str | None:
        return name if name in self.names else None

    def run(self, command: Sequence[str]) -> int:
        self.commands.append(command)
        return self.status


def built(tools: Tools, header: Path, said: list[str], ports: Callable[[], list[Any]]) -> usb.Wio:
    return flash.build_and_upload(
        None, said.append, ports=ports, which=tools.which, runner=tools.run, header=header, seconds=60
    )


@pytest.fixture
def header(tmp_path: Path) -> Path:
    (tmp_path / "secrets.h").write_text("")
    return tmp_path / "secrets.h"


def test_arduino_cli_builds_by_the_pinned_profile_and_uploads_to_the_port(header: Path) -> None:
    tools, said = Tools("arduino-cli", "pio"), []
    assert built(tools, header, said, seen([APP], [APP], [BOOT], [APP])).port == "/dev/ttyACM0"
    assert said == ["building with arduino-cli", "uploading with arduino-cli"]
    assert [command[:2] for command in tools.commands] == [("arduino-cli", "compile"), ("arduino-cli", "upload")]
    assert all("wio" in command for command in tools.commands)
    assert tools.commands[1][-2:] == ("--port", "/dev/ttyACM0")


def test_platformio_is_taken_when_it_is_the_one_there(header: Path) -> None:
    tools = Tools("pio")
    built(tools, header, [], seen([APP]))
    assert tools.commands[1][-3:] == ("upload", "--upload-port", "/dev/ttyACM0")


def test_a_tool_that_fails_stops_the_flashing(header: Path) -> None:
    tools = Tools("arduino-cli", status=1)
    with pytest.raises(LabError, match="building ended with status 1: arduino-cli compile"):
        built(tools, header, [], seen([APP]))
    assert len(tools.commands) == 1


def test_without_a_tool_the_two_ways_on_are_named(header: Path) -> None:
    with pytest.raises(LabError, match=re.escape("docs/device.md#flashing") + ".*--image FILE"):
        built(Tools(), header, [], seen([APP]))


def test_a_sketch_without_settings_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"no settings yet. Run `lab device secrets"):
        built(Tools("arduino-cli"), tmp_path / "secrets.h", [], seen([APP]))
