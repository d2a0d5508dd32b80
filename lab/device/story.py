"""The screen at telling moments: a twin lives through a good quarter of an hour and two failures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lab.device.board import Board, board
from lab.device.core import Line, State
from lab.device.identity import Identity
from lab.target import MqttEndpoint

MINUTE: Final = 60.0
Screen = tuple[dict[Line, str], list[float]]


@dataclass(frozen=True)
class Story:
    """What the screen showed, by title: its lines and the minutes of its chart; and how many readings were sent."""

    screens: dict[str, Screen]
    acknowledged: int


def tell(identity: Identity, endpoint: MqttEndpoint, epoch_s: int) -> Story:
    """Let a twin be online, lose its broker, lose its network, and come back. epoch_s: Unix time at its start."""
    with board(identity, endpoint, epoch_s=epoch_s) as twin:
        twin.run(15 * MINUTE)
        screens = {"online": _screen(twin)}
        twin.relay.broker_gone = True
        twin.relay.cut()
        twin.run(5 * MINUTE)
        screens["no broker"] = _screen(twin)
        twin.weather.wifi = False
        twin.relay.broker_gone = False
        twin.run(2 * MINUTE)
        screens["no network"] = _screen(twin)
        twin.weather.wifi = True
        twin.run_until(lambda numbers: numbers.state is State.ONLINE and numbers.queued == 0, 3 * MINUTE)
        return Story(screens, twin.numbers.acknowledged)


def _screen(twin: Board) -> Screen:
    return dict(twin.shown), twin.chart()
