"""Texts that are nearly statements: each is analysed or refused as Trino refuses, never a crash of the engine."""

from __future__ import annotations

import re
from contextlib import suppress

from cases_of_documents import CASES
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.local.athena.analyse import analyse
from lab.local.athena.catalog import Context, EmptyCatalog
from lab.local.athena.errors import QueryError, SyntaxProblem

TOKENS = [re.findall(r"'[^']*'|\w+|\S", f"SELECT {expression}") for cases in CASES.values() for expression, _ in cases]
WORDS = sorted(
    {token for tokens in TOKENS for token in tokens} | {"FROM", "GROUP", "BY", "OVER", "UNNEST", "WITH", "AS", "?"}
)
change = st.tuples(st.integers(0, 40), st.sampled_from(["replace", "insert", "remove"]), st.sampled_from(WORDS))


@settings(max_examples=600, deadline=None, database=None)
@given(st.sampled_from(TOKENS), st.lists(change, min_size=1, max_size=3))
def test_a_broken_statement_is_answered_or_refused(tokens: list[str], changes: list[tuple[int, str, str]]) -> None:
    found = list(tokens)
    for at, what, word in changes:
        place = at % (len(found) + 1)
        if what == "insert":
            found.insert(place, word)
        else:
            found[place : place + 1] = [word] if what == "replace" else []
    with suppress(QueryError, SyntaxProblem):
        analyse(" ".join(found), EmptyCatalog(), Context())
