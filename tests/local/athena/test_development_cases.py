"""The development cases: right rows, types and names, and each must-fail rejected with its name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from trino_harness import ask

from lab.local.athena import types as t
from lab.local.athena.errors import QueryError, SyntaxProblem

CASES = json.loads((Path(__file__).parent / "development_cases.json").read_text())
ALONE = [case for case in CASES if "fixture" not in case or case["id"].startswith("r_")]
AS_TEXT = (t.Timestamp, t.ZonedTimestamp, t.Time, t.Decimal)


def _shown(value: Any, kind: t.Type, cell: str | None) -> Any:
    if value is None:
        return None
    scalar = kind in (t.DATE, t.YEAR_MONTH, t.DAY_SECOND, t.VARBINARY, t.JSON)
    if isinstance(kind, AS_TEXT) or scalar:
        return cell
    return _plain(value, kind)


def _plain(value: Any, kind: t.Type) -> Any:
    if isinstance(kind, t.Array):
        return [None if item is None else _plain(item, kind.element) for item in value]
    if isinstance(kind, t.Map):
        return {str(key): None if item is None else _plain(item, kind.value) for key, item in value.items()}
    return value


def _close(found: Any, wanted: Any, tolerance: float) -> bool:
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(_close(a, b, tolerance) for a, b in zip(found, wanted, strict=True))
    if isinstance(wanted, bool) or not isinstance(wanted, int | float):
        return found == wanted and type(found) is type(wanted)
    return isinstance(found, int | float) and abs(found - wanted) <= tolerance * max(1, abs(wanted))


@pytest.mark.parametrize("case", ALONE, ids=lambda case: case["id"])
def test_a_case_gives_what_trino_s_documents_say(case: dict[str, Any]) -> None:
    if "expect_error" in case:
        with pytest.raises((QueryError, SyntaxProblem)) as refusal:
            ask(case["sql"])
        syntax = isinstance(refusal.value, SyntaxProblem)
        assert re.search(case["expect_error"], f"SYNTAX_ERROR: {refusal.value}" if syntax else str(refusal.value))
        return
    answer = ask(case["sql"])
    kinds = [column.type for column in answer.query.columns]
    if case.get("expected_rows") is not None:
        found = [
            [_shown(*part) for part in zip(row, kinds, cells, strict=True)]
            for row, cells in zip(answer.rows, answer.cells, strict=True)
        ]
        wanted = case["expected_rows"]
        if not case.get("ordered"):
            found, wanted = sorted(found, key=repr), sorted(wanted, key=repr)
        assert _close(found, wanted, case.get("tolerance") or case.get("rel_tolerance") or 1e-12), found
    if case.get("expected_types"):
        assert [kind.info.type for kind in kinds] == case["expected_types"]
    if case.get("expected_columns"):
        assert answer.names == case["expected_columns"]
    if case.get("athena_cells"):
        assert [list(row) for row in answer.cells] == case["athena_cells"]
