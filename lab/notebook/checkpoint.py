"""The checkpoint that ends a notebook: a table of ✓ and ✗ with the cure, and the metrics for machines."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from IPython.display import display

from lab.run import metrics


class CheckpointError(AssertionError):
    """At least one check of a notebook does not hold; the message says which and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Return what Jupyter shows in place of a traceback: which check fails and what to do, not where it was asked.

        Source: https://ipython.readthedocs.io/en/stable/config/integrating.html#custom-exception-tracebacks
        """
        return [*str(self).splitlines(), "→ Do so, run the cells concerned again, then this one."]


@dataclass(frozen=True)
class Check:
    """One statement, whether it holds, what was found and what mends it."""

    statement: str
    holds: bool
    found: str
    cure: str


class Checkpoint:
    """Collects the checks of one notebook.

    Parameters: number of the notebook; data, what it works on, in words.
    counts: the facts that its metrics keep; queries: what Athena was asked (query_id, rows, bytes_scanned).
    """

    def __init__(self, number: str, data: str = "") -> None:
        self.counts: dict[str, metrics.Count] = {}
        self.queries: list[dict[str, Any]] = []
        self._number = number
        self._data = data
        self._checks: list[Check] = []

    def that(self, statement: str, holds: bool, cure: str, found: str = "") -> None:
        """Check that something holds. statement: a sentence; cure: what to do when it does not."""
        self._checks.append(Check(statement, bool(holds), found, cure))

    def equal(self, statement: str, found: object, expected: object, cure: str) -> None:
        """Check that a value is the expected one."""
        says = _text(found) if found == expected else f"{_text(found)}, expected {_text(expected)}"
        self.that(statement, found == expected, cure, says)

    def show(self, summary: str) -> None:
        """Show the table and write ``build/metrics/NN.json``.

        Parameters: summary, the notebook's result in a few words, shown by `lab run`.
        Raises: CheckpointError with each cure when a check does not hold; ValueError when there was no check.
        """
        if not self._checks:
            raise ValueError("A checkpoint needs at least one check.")
        display(_Table(self._checks))
        failed = [check for check in self._checks if not check.holds]
        document = {
            "number": self._number,
            "summary": summary,
            "passed": not failed,
            "counts": self.counts,
            "data": self._data,
            "queries": self.queries,
            "checks": [asdict(check) for check in self._checks],
        }
        metrics.write(self._number, document)
        if failed:
            raise CheckpointError("\n".join(_line(check) for check in failed))


class _Table:
    """The checks as text and as HTML."""

    def __init__(self, checks: list[Check]) -> None:
        self._checks = checks

    def __repr__(self) -> str:
        """Return a line a check."""
        return "\n".join(_line(check) for check in self._checks)

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="color:{"#2e8b57" if check.holds else "#c0392b"}"><b>{"✓" if check.holds else "✗"}</b></td>'
            f'<td style="text-align:left">{escape(check.statement)}</td>'
            f'<td style="text-align:left">{escape(check.found)}</td>'
            f'<td style="text-align:left">{"" if check.holds else escape(check.cure)}</td></tr>'
            for check in self._checks
        )
        head = "".join(f'<th style="text-align:left">{name}</th>' for name in ("holds", "checkpoint", "found", "cure"))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _line(check: Check) -> str:
    found = f": {check.found}" if check.found else ""
    return f"✓ {check.statement}{found}" if check.holds else f"✗ {check.statement}{found}. {check.cure}"


def _text(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
