"""Functions by family against the examples and sentences of Trino's documentation."""

from __future__ import annotations

import pytest
from cases_of_documents import CASES
from trino_harness import cell

ALL = [(family, expression, wanted) for family, cases in CASES.items() for expression, wanted in cases]


@pytest.mark.parametrize(("family", "expression", "wanted"), ALL, ids=[f"{one[0]}: {one[1]}" for one in ALL])
def test_an_expression_has_the_cell_that_the_documents_give(family: str, expression: str, wanted: str | None) -> None:
    assert cell(expression) == wanted
