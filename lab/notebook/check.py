"""Exercises: a stub in the notebook, a check here that fails on the stub and passes on the solution."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from lab.errors import LabError
from lab.run import metrics

Answer = Callable[..., Any]
RIGHT, WRONG, OPEN = "✓", "✗", "○"


def check(exercise: str, answer: Answer) -> None:
    """Check an answer to an exercise, say what is still wrong, and keep for `lab progress` whether it was right.

    Parameters: exercise, such as ``22-etl``; answer, the function that the learner wrote.
    An untouched stub (it raises NotImplementedError) is reported as open, not as an error: the notebook runs through.
    Raises: LabError when there is no such exercise.
    """
    said = verdict(exercise, answer)
    print(said)
    if said[0] != OPEN:  # a stub that is run again, by `lab run` say, forgets no answer
        metrics.write(f"{exercise[:2]}-exercise", {"exercise": exercise, "right": said[0] == RIGHT})


def verdict(exercise: str, answer: Answer) -> str:
    """Return ``✓ …``, ``✗ …`` with what is wrong, or ``○ …`` for an untouched stub."""
    module = _exercise(exercise)
    if not callable(answer):
        return f"{WRONG} {exercise}: give the function itself, without brackets, not {answer!r:.100}"
    asked = _Asked(answer)
    try:
        wrong = module.problem(asked)
    except Exception as error:  # the learner's code may raise anything; it is told, not thrown
        wrong = asked.fault(error)
    if wrong and asked.returned is None and asked.raised is None:  # nothing is no answer to any exercise
        wrong = "your function returned None: does it end with a `return`?"
    if isinstance(asked.raised, NotImplementedError):
        return f"{OPEN} {exercise}: still open. {module.HINT}"
    return f"{WRONG} {exercise}: {wrong}" if wrong else f"{RIGHT} {exercise}: right"


class _Asked:
    """A learner's function that remembers how it answered: what goes wrong after it is not to be laid at its door."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.returned: Any = None
        self.raised: Exception | None = None

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        try:
            self.returned = self._answer(*arguments, **named)
        except Exception as error:
            self.raised = error
            raise
        return self.returned

    def fault(self, error: Exception) -> str:
        """Return what to say of an exception that came out of the check."""
        said = f"{type(error).__name__}: {error}"
        if self.raised is not None:
            return f"your function raised {said}"
        return f"your function returned {self.returned!r:.200}, which cannot be compared with the answer ({said})"


def _exercise(name: str) -> Any:
    module = f"lab.notebook.exercises.ex_{name.replace('-', '_')}"
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise LabError(f"There is no exercise {name!r}.", "Exercises are named as their notebooks.") from None
