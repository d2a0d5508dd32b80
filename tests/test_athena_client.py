"""The Athena client, against answers in the shape that the API reference shows."""

import pytest
from botocore.exceptions import ClientError

from lab import athena
from lab.errors import LabError


class Client:
    """Answers GetQueryExecution with the given states, then GetQueryResults with pages."""

    def __init__(self, states, pages=(), reason="") -> None:
        self.states, self.pages, self.reason = list(states), pages, reason
        self.started: dict = {}
        self.stopped: list[str] = []

    def start_query_execution(self, **request):
        self.started = request
        return {"QueryExecutionId": "q-1"}

    def get_query_execution(self, QueryExecutionId):  # noqa: N803 - the API's name
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        status = {"State": state, "StateChangeReason": self.reason}
        statistics = {"DataScannedInBytes": 2048, "EngineExecutionTimeInMillis": 30}
        return {"QueryExecution": {"Status": status, "Statistics": statistics}}

    def stop_query_execution(self, QueryExecutionId):  # noqa: N803
        self.stopped.append(QueryExecutionId)

    def get_paginator(self, name):
        assert name == "get_query_results"
        return self

    def paginate(self, QueryExecutionId):  # noqa: N803
        return iter(self.pages)


def page(columns, *rows):
    cells = [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in rows]
    info = [{"Name": name, "Type": kind} for name, kind in columns]
    return {"ResultSet": {"ResultSetMetadata": {"ColumnInfo": info}, "Rows": cells}}


@pytest.fixture
def ask(monkeypatch):
    def ask(client, *arguments, **options):
        monkeypatch.setattr(athena.target, "client", lambda service: client)
        monkeypatch.setattr(athena.time, "sleep", lambda seconds: None)
        return athena.query(*arguments, **options)

    return ask


COLUMNS = [("device_id", "varchar"), ("n", "bigint"), ("mean", "double"), ("ok", "boolean"), ("d", "decimal(5,2)")]


def test_rows_come_typed_over_all_pages_without_the_row_of_names(ask) -> None:
    first = page(COLUMNS, [name for name, _ in COLUMNS], ["node-1", "3", "21.5", "true", "1.25"])
    second = page(COLUMNS, ["node-2", None, None, "false", None])
    client = Client(["QUEUED", "RUNNING", "SUCCEEDED"], [first, second])
    result = ask(client, "SELECT 1", "group", database="db", catalog="cat")
    assert result.rows == [("node-1", 3, 21.5, True, 1.25), ("node-2", None, None, False, None)]
    assert (result.query_id, result.bytes_scanned, result.milliseconds) == ("q-1", 2048, 30)
    assert client.started == {
        "QueryString": "SELECT 1",
        "WorkGroup": "group",
        "QueryExecutionContext": {"Database": "db", "Catalog": "cat"},
    }
    assert list(result.frame().columns) == [name for name, _ in COLUMNS]


def test_a_statement_without_a_row_of_names_loses_no_row(ask) -> None:
    result = ask(Client(["SUCCEEDED"], [page([("table", "string")], ["sensors"])]), "SHOW TABLES", "group")
    assert result.rows == [("sensors",)]


def test_one_value_is_taken_from_one_row(ask) -> None:
    assert ask(Client(["SUCCEEDED"], [page([("n", "bigint")], ["n"], ["12"])]), "SELECT 12", "group").value == 12


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_failed_query_says_athenas_reason(ask, state) -> None:
    with pytest.raises(LabError, match="COLUMN_NOT_FOUND: line 1:8") as caught:
        ask(Client([state], reason="COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved"), "SELECT x", "group")
    assert caught.value.remedy == "Query q-1."


def test_who_asks_before_the_crawler_ran_is_sent_to_it(ask) -> None:
    reason = "TABLE_NOT_FOUND: line 2:6: Table 'awsdatacatalog.lake.device_telemetry' does not exist"
    with pytest.raises(LabError, match="device_telemetry") as caught:
        ask(Client(["FAILED"], reason=reason), "SELECT 1 FROM device_telemetry", "group")
    assert "`lab run 22`" in caught.value.remedy


def test_a_refused_start_says_athenas_message(ask) -> None:
    class Refusing(Client):
        def start_query_execution(self, **request):
            raise ClientError(
                {"Error": {"Code": "InvalidRequestException", "Message": "WorkGroup g is not found."}}, "x"
            )

    with pytest.raises(LabError, match="Athena: WorkGroup g is not found"):
        ask(Refusing(["FAILED"]), "SELECT 1", "g")


def test_a_query_that_never_ends_is_stopped(ask, monkeypatch) -> None:
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr(athena.time, "monotonic", lambda: next(clock))
    client = Client(["RUNNING"])
    with pytest.raises(LabError, match="longer than 600 s"):
        ask(client, "SELECT 1", "group")
    assert client.stopped == ["q-1"]
