"""A query is stopped even when the wish comes between its preparation and its first statement."""

from __future__ import annotations

import duckdb
import pytest

from lab.local.athena.task import Cancellation, Cancelled

ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE (a.range * b.range) % 7 = 3"


def test_a_wish_before_the_statement_begins_is_not_forgotten() -> None:
    cancellation = Cancellation()
    with duckdb.connect() as connection:
        cancellation.watch(connection)
        cancellation.cancel(Cancelled("enough"))
        with pytest.raises(duckdb.InterruptException):
            connection.execute(ENDLESS).fetchall()
    cancellation.end()
    with pytest.raises(Cancelled, match="enough"):
        cancellation.check()


def test_the_first_reason_stays_and_a_query_that_was_stopped_does_not_begin() -> None:
    cancellation = Cancellation()
    cancellation.cancel(Cancelled("first"))
    cancellation.cancel(Cancelled("second"))
    with duckdb.connect() as connection, pytest.raises(Cancelled, match="first"):
        cancellation.watch(connection)
    cancellation.end()
