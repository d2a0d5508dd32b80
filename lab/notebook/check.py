"""Exercises: a stub in the notebook, a check here that fails on the stub and passes on the solution."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from lab.errors import LabError

Answer = Callable[..., Any]


def check(exercise: str, answer: Answer) -> None:
    """Check an answer to an exercise and say what is still wrong.

    Parameters: exercise, such as ``22-etl``; answer, the function that the learner wrote.
    An untouched stub (it raises NotImplementedError) is reported as open, not as an error: the notebook runs through.
    Raises: LabError when there is no such exercise.
    """
    print(verdict(exercise, answer))


def verdict(exercise: str, answer: Answer) -> str:
    """Return ``✓ …``, ``✗ …`` with what is wrong, or ``○ …`` for an untouched stub."""
    module = _exercise(exercise)
    try:
        wrong = module.problem(answer)
    except NotImplementedError:
        return f"○ {exercise}: still open. {module.HINT}"
    except Exception as error:  # the learner's code may raise anything; it is told, not thrown
        return f"✗ {exercise}: your function raised {type(error).__name__}: {error}"
    return f"✗ {exercise}: {wrong}" if wrong else f"✓ {exercise}: right"


def _exercise(name: str) -> Any:
    module = f"lab.notebook.exercises.ex_{name.replace('-', '_')}"
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise LabError(f"There is no exercise {name!r}.", "Exercises are named as their notebooks.") from None
