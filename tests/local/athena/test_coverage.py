"""Every function of Trino's reference is computed or refused by name, and the page says which."""

from __future__ import annotations

import pytest
from coverage_table import PAGE, PART, answer, table

from lab import stackdocs
from lab.local.athena.functions import TABLE
from lab.local.athena.functions.reference import KNOWN


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_function_of_trino_is_computed_or_refused_by_its_name(name: str) -> None:
    assert answer(name) in ("computed", "refused")


def test_what_trino_does_not_have_is_unknown() -> None:
    assert answer("no_such_function") == "unknown"


def test_no_function_is_computed_that_trino_does_not_have() -> None:
    assert set(TABLE) <= KNOWN


def test_the_page_holds_the_table_of_today() -> None:
    document = stackdocs.page(PAGE).read_text()
    assert stackdocs.replace_part(document, PART, table()) == document, (
        "run: python -m tests.local.athena.coverage_table"
    )
