"""The waiting thread: takes its turns when they are due, when it is woken, and in spite of what went wrong."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from lab.local.waiting_thread import WaitingThread

SECONDS = 10.0


def turns(*answers: Callable[[], float]) -> tuple[Callable[[], float], queue.Queue[int]]:
    """Return a turn that gives one answer after the other, and a queue that tells of each."""
    taken: queue.Queue[int] = queue.Queue()
    left = iter(enumerate(answers))

    def turn() -> float:
        number, answer = next(left)
        taken.put(number)
        return answer()

    return turn, taken


def raises() -> float:
    raise ValueError("this turn fails")


def test_turns_follow_one_another_as_soon_as_they_are_due() -> None:
    turn, taken = turns(lambda: 0.0, lambda: -5.0, lambda: 30.0)
    thread = WaitingThread("test", turn)
    thread.start()
    assert [taken.get(timeout=SECONDS) for _ in range(3)] == [0, 1, 2]
    thread.stop(SECONDS)
    assert taken.empty()


def test_when_woken_while_a_turn_is_under_way_another_one_follows() -> None:
    under_way, go = threading.Event(), threading.Event()

    def slow() -> float:
        under_way.set()
        assert go.wait(SECONDS)
        return 30.0

    turn, taken = turns(slow, lambda: 30.0)
    thread = WaitingThread("test", turn)
    thread.start()
    assert under_way.wait(SECONDS)
    thread.wake()
    go.set()
    assert [taken.get(timeout=SECONDS) for _ in range(2)] == [0, 1]
    thread.stop(SECONDS)


def test_when_a_turn_fails_the_thread_goes_on() -> None:
    turn, taken = turns(raises, lambda: 30.0)
    thread = WaitingThread("test", turn)
    thread.start()
    assert taken.get(timeout=SECONDS) == 0
    thread.wake()
    assert taken.get(timeout=SECONDS) == 1
    thread.stop(SECONDS)
