"""Shapes of SELECT with their cells, and mistakes with their names, as Trino's documentation has them.

Source: https://trino.io/docs/current/sql/select.html and the pages of the functions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from trino_harness import ask, failure

CASES = json.loads((Path(__file__).parent / "query_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["rows"], ids=lambda case: case["sql"])
def test_a_query_has_the_cells_that_the_documents_give(case: dict[str, Any]) -> None:
    assert [list(row) for row in ask(case["sql"]).cells] == case["cells"]


@pytest.mark.parametrize("case", CASES["mistakes"], ids=lambda case: case["sql"])
def test_a_mistake_is_refused_by_its_name(case: dict[str, Any]) -> None:
    assert case["reason"] in failure(case["sql"])
