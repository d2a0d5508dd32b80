"""What the tests of the firmware share: a device whose port does what the test says."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from lab.device.core import Action, Core, Fault, Step

EPOCH = 1_790_000_000
ID = "wio-terminal-001"


@dataclass
class Port:
    """A device and its surroundings: `broken` actions fail, `silent` ones never end, the rest succeeds at once."""

    core: Core = field(default_factory=lambda: Core(7))
    now_ms: int = 0
    epoch: int = EPOCH
    broken: dict[Action, Fault] = field(default_factory=dict)
    silent: set[Action] = field(default_factory=set)
    steps: list[tuple[int, Action]] = field(default_factory=list)
    acknowledged: list[bytes] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    last: Step = field(default_factory=lambda: Step(Action.NOTHING, 0))

    def run(self, seconds: float, *, step_ms: int = 100) -> None:
        """Let time pass, and do what the device asks for."""
        end = self.now_ms + round(seconds * 1000)
        while self.now_ms < end:
            self.once()
            self.now_ms += step_ms

    def once(self) -> Action:
        step = self.core.tick(self.now_ms)
        if step.action is not Action.NOTHING:
            self.steps.append((self.now_ms, step.action))
        if step.number:
            self.last = step
            self.answer(step)
        return step.action

    def answer(self, step: Step) -> None:
        if step.action is Action.PUBLISH:
            self.sent.append(self.core.payload(ID))
        if step.action in self.silent:
            return
        if step.action in self.broken:
            self.core.failed(step.number, self.broken[step.action], self.now_ms)
        elif step.action is Action.ASK_TIME:
            self.core.time(step.number, self.epoch + self.now_ms // 1000, self.now_ms)
        else:
            if step.action is Action.PUBLISH:
                self.acknowledged.append(self.sent[-1])
            self.core.succeeded(step.number, self.now_ms)

    def until(self, action: Action, *, seconds: float = 200) -> Step:
        """Let time pass until the device asks for an action, which then is left without an answer."""
        self.silent.add(action)
        for _ in range(round(seconds * 10)):
            if self.once() is action:
                self.silent.discard(action)
                return self.last
            self.now_ms += 100
        raise AssertionError(f"{action!r} never came: {self.steps[-5:]}")

    def record(self, temperature: float = 21.5, humidity: float = 50.0) -> bool:
        return self.core.record(temperature, humidity, now_ms=self.now_ms)


@pytest.fixture
def port() -> Port:
    return Port()
