"""docs/device.md knows every fault, every member of the status line and every sensor."""

from __future__ import annotations

import re
from dataclasses import fields

from lab.device import cures, flash
from lab.device.cures import CURES
from lab.device.status import STATES, Status
from lab.target import ROOT

PAGE = (ROOT / "docs" / "device.md").read_text(encoding="utf-8")


def test_every_fault_has_a_row() -> None:
    assert [code for code in CURES if f"\n| `{code}` |" not in PAGE] == []


def test_every_state_has_a_row() -> None:
    assert [state for state in STATES if f"\n| `{state}` |" not in PAGE] == []


def test_every_member_of_the_status_line_is_explained() -> None:
    assert [field.name for field in fields(Status) if f"`{field.name}`" not in PAGE] == []


def test_every_sensor_of_the_firmware_has_a_row() -> None:
    code = (ROOT / "firmware/wioterminal/src/board/sensors.cpp").read_text()
    names = re.search(r"kNames\[\] = \{(.*?)\}", code)
    assert names is not None
    sensors = re.findall(r'"(\w+)"', names[1])
    assert [name for name in sensors if name not in PAGE] == []


def test_the_places_that_messages_point_to_exist() -> None:
    pointed = set(re.findall(r"docs/device\.md#([a-z-]+)", " ".join([*CURES.values(), cures.SILENT])))
    pointed |= set(re.findall(r"docs/device\.md#([a-z-]+)", (ROOT / "lab/device/flash.py").read_text()))
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", PAGE, re.MULTILINE)}
    assert pointed == {"radio-firmware", "flashing"}
    assert pointed <= headings


def test_both_build_tools_take_the_same_versions() -> None:
    sketch = (flash.SKETCH / "sketch.yaml").read_text()
    pinned = re.findall(r"^ +- (?:platform: )?([\w :]+?) \((\d+\.\d+\.\d+)\)", sketch, re.MULTILINE)
    assert len(pinned) == 8
    assert "profiles:\n  wio:" in sketch
    other = (flash.SKETCH / "platformio.ini").read_text()
    found = re.findall(r"(?:Arduino_(\w+)\.git#v|/(\w+)@)(\d+\.\d+\.\d+)", other)
    assert {one or two: version for one, two, version in found} == {
        re.split(r"[ _]", name)[-1]: version for name, version in pinned if name != "Seeeduino:samd"
    }
    core = dict(pinned)["Seeeduino:samd"]
    assert f"framework-arduino-samd-seeed ~{core}" in other
