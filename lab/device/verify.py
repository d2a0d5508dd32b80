"""Whether a board works, step by step: its status until the first acknowledged message, and that message's item."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from lab import items
from lab.device import cures
from lab.device.board import RADIO, firmware_version
from lab.device.status import STATES, Status, parse

SECONDS: Final = 180.0
"""A board joins, asks for the time and shakes hands in 10 to 60 s; a bad certificate takes the module two minutes."""
STORED_SECONDS: Final = 30.0
FATAL: Final = frozenset({"secrets"})
"""Faults that do not go away by themselves."""

_STAGE_OF: Final = {"wifi": "wifi", "time": "time", "time_wrong": "time", "tls": "tls", "mqtt_refused": "mqtt"}
"""The state in which a fault arises: the line a second may have missed the state itself."""

Clock = Callable[[], float]


@dataclass(frozen=True)
class Check:
    """One step. cure: what to do when it did not pass; empty for steps that were not reached."""

    name: str
    passed: bool
    detail: str = ""
    cure: str = ""


@dataclass
class Watched:
    """What the serial line told. lines: how many were not empty; statuses: those that held one, in order."""

    lines: int = 0
    statuses: list[Status] = field(default_factory=list)

    def take(self, line: str) -> Status | None:
        """Note a line; return its status if it holds one."""
        self.lines += bool(line.strip())
        status = parse(line)
        if status is not None:
            self.statuses.append(status)
        return status

    @property
    def last(self) -> Status | None:
        """The newest status."""
        return self.statuses[-1] if self.statuses else None

    def furthest(self) -> int:
        """Return how far the device came, as an index of STATES, by its states and by its faults."""
        stages = {name for status in self.statuses for name in (status.state, _STAGE_OF.get(status.fault, "waiting"))}
        return max(map(STATES.index, stages), default=0)

    def fault(self) -> str:
        """Return the last fault that was seen, ``none`` without one."""
        return next((status.fault for status in reversed(self.statuses) if status.fault != "none"), "none")


def watch(lines: Iterable[str], seconds: float = SECONDS, clock: Clock = time.monotonic) -> Watched:
    """Read until the first acknowledged message, a fault that stays, or the end of the time.

    Parameters: lines, the serial line; an empty one when nothing came for a while, so that the time is looked at.
    """
    watched, end = Watched(), clock() + seconds
    for line in lines:
        status = watched.take(line)
        if status is not None and (status.acknowledged or status.fault in FATAL):
            break
        if clock() >= end:
            break
    return watched


def checks(watched: Watched, device_id: str) -> list[Check]:
    """Return the steps from the first line to the first acknowledged message, each passed, failed or not reached."""
    if watched.last is None:
        return [
            Check(
                "status line", False, f"{watched.lines} other lines", cures.FOREIGN if watched.lines else cures.SILENT
            )
        ]
    last, found = watched.last, watched.furthest()
    sent = last.acknowledged > 0
    fault = watched.fault()
    if fault == "none" and not last.radio:
        fault = "radio"  # it hangs in its first call to the module, and cannot say so
    steps = (
        ("WiFi", sent or found > STATES.index("wifi"), f"{last.rssi:g} dBm"),
        ("time", sent or last.epoch > 0, time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(last.epoch))),
        ("TLS", sent or found > STATES.index("tls"), "certificate accepted"),
        ("MQTT", sent or found > STATES.index("mqtt"), f"connected as {last.device_id}"),
        ("acknowledged message", sent, f"{last.acknowledged} of QoS 1"),
    )
    return [*_versions(last, device_id), *_in_turn(steps, fault)]


def _versions(last: Status, device_id: str) -> list[Check]:
    wanted = firmware_version()
    has_radio = last.radio != RADIO
    radio = (last.radio or "unknown") if has_radio else "none: the twin has no such module"
    other = f"The board holds the settings of {last.device_id}: run `lab device secrets {device_id}`, then flash."
    older = f"This checkout is {wanted}: run `lab device flash`."
    return [
        Check("status line", True, f"reset by {last.reset}, sensor {last.sensor}"),
        _check("device", last.device_id == device_id, last.device_id, other),
        _check("firmware", last.firmware == wanted, last.firmware, older),
        _check("WiFi module", not (has_radio and cures.radio_is_old(last.radio)), radio, cures.of("radio")),
    ]


def _check(name: str, passed: bool, detail: str, cure: str) -> Check:
    """Return a step; what passed needs no cure."""
    return Check(name, passed, detail, "" if passed else cure)


def _in_turn(steps: Iterable[tuple[str, bool, str]], fault: str) -> Iterable[Check]:
    """Yield the steps; the first that failed carries the cure, those behind it were not reached."""
    broken = False
    for name, passed, detail in steps:
        if passed:
            yield Check(name, True, detail)
        elif broken:
            yield Check(name, False, "not reached")
        else:
            yield Check(name, False, f"fault: {fault}", _cure(name, fault))
        broken = broken or not passed


def _cure(name: str, fault: str) -> str:
    if fault == "none":
        return f"The board got no further than {name} in the time given, without a fault: wait, or press its reset."
    return cures.of(fault)


def stored(table: str, watched: Watched, seconds: float = STORED_SECONDS, clock: Clock = time.monotonic) -> Check:
    """Look for a message of this start of the board in the Level 1 table; wait for it a while."""
    last = watched.last
    if last is None or not last.acknowledged:
        return Check("item in DynamoDB", False, "not reached")
    start, end = last.epoch - last.uptime - 1, clock() + seconds
    while not (count := items.count_of(table, last.device_id, start, last.epoch)):
        if clock() >= end:
            return Check(
                "item in DynamoDB",
                False,
                f"none since the board's start in {table}",
                "The broker took the message, the rule did not store it: read the rule's error log (notebook 13).",
            )
        time.sleep(items.POLL_SECONDS)
    return Check("item in DynamoDB", True, f"{count} since the board's start")
