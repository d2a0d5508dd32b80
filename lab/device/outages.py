"""A twin's run in figures: so many readings, the broker gone in between, and how it came back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lab.device import cures
from lab.device.board import READING_MS, Board, Source, board, day
from lab.device.core import Numbers, State
from lab.device.identity import Identity
from lab.errors import LabError
from lab.target import MqttEndpoint

READING_S: Final = READING_MS / 1000
PATIENCE_S: Final = 300.0
"""The longest wait between two attempts is one minute; so long without success means that something else is wrong."""


@dataclass(frozen=True)
class Run:
    """What became of the readings.

    waited: how many were in the queue when the broker came back; recovery_s: seconds of the twin's time from then to an
    empty queue.
    """

    taken: int
    acknowledged: int
    dropped: int
    waited: int
    recovery_s: float


def run(
    identity: Identity,
    endpoint: MqttEndpoint,
    count: int,
    outage_minutes: float = 0.0,
    say: Callable[[str], None] | None = None,
    *,
    epoch_s: int | None = None,
    source: Source = day,
) -> Run:
    """Let a twin take readings; the broker is gone for a while after half of them.

    Parameters: count, readings beyond those of the outage; say, told each status line; epoch_s, Unix time at the start
    (default: such that the run ends now); source, the climate.
    Raises: LabError when the twin does not come online, with its fault.
    """
    seconds = count * READING_S + outage_minutes * 60
    start = epoch_s if epoch_s is not None else int(time.time() - seconds - PATIENCE_S)
    with board(identity, endpoint, epoch_s=start, source=source) as twin:
        twin.on_status = say
        _take(twin, count // 2)
        _settle(twin)
        queued, back = _outage(twin, outage_minutes * 60)
        _take(twin, count - count // 2)
        _settle(twin)
        end = twin.numbers
    return Run(_taken(end), end.acknowledged, end.dropped, queued, back)


def _taken(numbers: Numbers) -> int:
    return numbers.acknowledged + numbers.queued + numbers.dropped


def _take(twin: Board, count: int) -> None:
    """Let time pass until so many readings more were taken."""
    wanted = _taken(twin.numbers) + count
    twin.run_until(lambda numbers: _taken(numbers) >= wanted, (count + 1) * READING_S)


def _settle(twin: Board) -> float:
    """Wait for an empty queue; return the seconds that it took.

    Raises: LabError when it does not become empty.
    """
    begun = twin.now_ms
    if not twin.run_until(lambda numbers: numbers.state is State.ONLINE and numbers.queued == 0, PATIENCE_S):
        fault = twin.numbers.fault
        raise LabError(
            f"{twin.device_id} did not come online: {fault.words or 'no fault is known'}.", cures.of(fault.code)
        )
    return (twin.now_ms - begun) / 1000


def _outage(twin: Board, seconds: float) -> tuple[int, float]:
    """Let the broker be gone; return how many readings waited at its return, and how long until none did."""
    if seconds == 0:
        return 0, 0.0
    twin.relay.broker_gone = True
    twin.relay.cut()
    twin.run(seconds)
    waiting = twin.numbers.queued
    twin.relay.broker_gone = False
    return waiting, _settle(twin)
