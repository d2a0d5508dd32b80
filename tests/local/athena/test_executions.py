"""Executions as clients see them: states, pages, files, figures, reuse, cancellation."""

from __future__ import annotations

import csv
import io
import threading
from typing import Any

import pyarrow.parquet as pq
import pytest
from account import BUCKET, OUTPUT, Account
from botocore.exceptions import ClientError

ENDLESS = (
    "SELECT count(*) FROM UNNEST(sequence(1, 9000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 9000)) AS b(y) "
    "CROSS JOIN UNNEST(sequence(1, 9000)) AS c(z) WHERE (x * y + z) % 7 = 3"
)
REUSED = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 5}}


def refused(account: Account, operation: str, **request: Any) -> dict[str, Any]:
    """The error with which a request is refused."""
    with pytest.raises(ClientError) as refusal:
        getattr(account.athena, operation)(**request)
    return dict(refusal.value.response)


def start(account: Account, sql: str, **request: Any) -> str:
    """The id of a started execution."""
    request = {"ResultConfiguration": {"OutputLocation": OUTPUT}, **request}
    return str(account.athena.start_query_execution(QueryString=sql, **request)["QueryExecutionId"])


def test_an_answer_of_many_rows_comes_in_pages_with_the_names_first(account: Account) -> None:
    sql = "SELECT n, CASE WHEN n = 2 THEN NULL WHEN n = 3 THEN '' ELSE 'a\"\n' || CAST(n AS varchar) END AS s "
    key = account.done(f"{sql} FROM UNNEST(sequence(1, 7)) AS t(n)").id
    first = account.athena.get_query_results(QueryExecutionId=key, MaxResults=3)
    cells = [[cell.get("VarCharValue") for cell in row["Data"]] for row in first["ResultSet"]["Rows"]]
    assert cells == [["n", "s"], ["1", 'a"\n1'], ["2", None]]
    assert first["ResultSet"]["Rows"][2]["Data"][1] == {}, "NULL is a datum without a value"
    second = account.athena.get_query_results(QueryExecutionId=key, MaxResults=3, NextToken=first["NextToken"])
    assert second["ResultSet"]["Rows"][0]["Data"] == [{"VarCharValue": "3"}, {"VarCharValue": ""}]
    last = account.athena.get_query_results(QueryExecutionId=key, MaxResults=3, NextToken=second["NextToken"])
    assert (len(last["ResultSet"]["Rows"]), last.get("NextToken")) == (2, None)
    wrong = refused(account, "get_query_results", QueryExecutionId=key, NextToken="nonsense")
    assert wrong["Error"]["Message"] == "Invalid NextToken"
    assert (
        "MaxResults" in refused(account, "get_query_results", QueryExecutionId=key, MaxResults=1001)["Error"]["Message"]
    )


def test_columns_are_described_as_the_driver_expects(account: Account) -> None:
    key = account.done("SELECT 1 AS a, DECIMAL '1.25' AS b, 'xy' AS c, CAST(NULL AS varchar) AS d, ARRAY[1] AS e").id
    answer = account.athena.get_query_results(QueryExecutionId=key)["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    found = [(one["Name"], one["Type"], one["Precision"], one["Scale"], one["Nullable"]) for one in answer]
    assert found == [
        ("a", "integer", 10, 0, "UNKNOWN"),
        ("b", "decimal", 3, 2, "UNKNOWN"),
        ("c", "varchar", 2, 0, "UNKNOWN"),
        ("d", "varchar", 2147483647, 0, "UNKNOWN"),
        ("e", "array", 0, 0, "UNKNOWN"),
    ]
    assert {(one["CatalogName"], one["CaseSensitive"]) for one in answer} == {("hive", False), ("hive", True)}


def test_each_kind_of_statement_leaves_its_files(account: Account) -> None:
    prefix = f"s3://{BUCKET}/results/"
    for sql, names in (
        ("SELECT 1 AS a", ["{}.csv", "{}.csv.metadata"]),
        ("SHOW TABLES", ["{}.txt", "{}.txt.metadata"]),
        ("CREATE TABLE made_by AS SELECT 1 AS a", ["{}-manifest.csv", "{}.metadata"]),
        ("INSERT INTO made_by SELECT 2", ["{}-manifest.csv", "{}.metadata"]),
        ("DROP TABLE made_by", ["{}.txt", "{}.txt.metadata"]),
    ):
        answer = account.done(sql)
        found = [key.removeprefix("results/") for key in account.keys(f"results/{answer.id}")]
        assert found == sorted(name.format(answer.id) for name in names), sql
        assert answer.location.startswith(prefix)


def test_bytes_scanned_are_those_of_the_wanted_columns_in_the_wanted_partitions(account: Account) -> None:
    folder = "room_db/sensor/year=2024/month=01/"
    sizes: dict[str, int] = {}
    for key in account.keys(folder):
        group = pq.ParquetFile(io.BytesIO(account.body(f"s3://{BUCKET}/{key}"))).metadata.row_group(0)
        for i in range(group.num_columns):
            chunk = group.column(i)
            sizes[chunk.path_in_schema] = sizes.get(chunk.path_in_schema, 0) + chunk.total_compressed_size
    where = "FROM sensor WHERE month = '01'"
    for sql, wanted in (
        (f"SELECT max(reading) {where}", sizes["reading"]),
        (f"SELECT device_id, avg(temperature) {where} GROUP BY 1", sizes["device_id"] + sizes["temperature"]),
        (f"SELECT month {where}", 0),
        ("SELECT * FROM sensor WHERE year = '1999'", 0),
        ("SELECT 1", 0),
    ):
        assert account.done(sql).execution["Statistics"]["DataScannedInBytes"] == wanted, sql


def test_a_young_answer_is_given_again_and_nothing_is_read(account: Account) -> None:
    sql = "SELECT sum(reading) AS reused FROM sensor"
    first = account.done(sql, ResultReuseConfiguration=REUSED)
    assert first.execution["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": False}
    again = account.done(sql, ResultReuseConfiguration=REUSED)
    assert again.execution["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": True}
    assert again.execution["Statistics"]["DataScannedInBytes"] == 0
    assert (again.rows, again.location) == (first.rows, first.location)
    assert again.id != first.id
    for request in ({}, {"ResultReuseConfiguration": REUSED, "context": {"Catalog": "AwsDataCatalog"}}):
        other = account.done(sql, **request)
        assert other.execution["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": False}
    account.s3.delete_object(Bucket=BUCKET, Key=first.location.split("/", 3)[3])
    assert account.done(sql, ResultReuseConfiguration=REUSED).location != first.location


def test_a_request_s_token_starts_one_execution(account: Account) -> None:
    keys = {start(account, "SELECT 1", ClientRequestToken="a" * 32) for _ in range(2)}
    assert len(keys) == 1


def test_a_running_query_is_stopped(account: Account) -> None:
    key = start(account, ENDLESS)
    while account.athena.get_query_execution(QueryExecutionId=key)["QueryExecution"]["Status"]["State"] == "QUEUED":
        pass
    wrong = refused(account, "get_query_results", QueryExecutionId=key)
    assert wrong["Error"]["Message"].startswith("Query has not yet finished. Current state: RUNNING")
    account.athena.stop_query_execution(QueryExecutionId=key)
    execution = account.finished(key)
    assert execution["Status"]["State"] == "CANCELLED"
    assert execution["Status"]["StateChangeReason"] == "Query cancelled by user"
    assert not account.keys(f"results/{key}")
    wrong = refused(account, "get_query_results", QueryExecutionId=key)
    assert wrong["Error"]["Message"] == "Query did not finish successfully. Final query state: CANCELLED"


def test_queries_run_side_by_side_and_a_queued_one_is_stopped_too(account: Account) -> None:
    keys = [start(account, ENDLESS) for _ in range(6)]
    for key in keys:
        account.athena.stop_query_execution(QueryExecutionId=key)
    assert {account.finished(key)["Status"]["State"] for key in keys} == {"CANCELLED"}
    assert account.done("SELECT 1").rows == [("1",)]


def test_many_callers_at_once_get_each_their_own_answer(account: Account) -> None:
    found: dict[int, Any] = {}

    def ask(number: int) -> None:
        found[number] = account.done(f"SELECT {number}, count(*) FROM sensor").rows

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {number: [(str(number), "6")] for number in range(8)}


def test_a_failure_is_told_with_its_category(account: Account) -> None:
    execution = account.ask("SELECT 1 / (reading - reading) FROM sensor").execution
    assert execution["Status"]["StateChangeReason"] == "DIVISION_BY_ZERO: Division by zero"
    error = execution["Status"]["AthenaError"]
    assert (error["ErrorCategory"], error["Retryable"]) == (2, False)
    assert error["ErrorMessage"] == "DIVISION_BY_ZERO: Division by zero"
    assert execution["Status"]["CompletionDateTime"] >= execution["Status"]["SubmissionDateTime"]


def test_a_text_that_is_no_sql_makes_no_execution(account: Account) -> None:
    before = account.athena.list_query_executions()["QueryExecutionIds"]
    wrong = refused(account, "start_query_execution", QueryString="SELECT FROM WHERE", **_output())
    assert (wrong["Error"]["Code"], wrong["AthenaErrorCode"]) == ("InvalidRequestException", "MALFORMED_QUERY")
    assert account.athena.list_query_executions()["QueryExecutionIds"] == before


def test_executions_are_described_together(account: Account) -> None:
    key = account.done("SELECT 1").id
    answer = account.athena.batch_get_query_execution(QueryExecutionIds=[key, "nothing"])
    assert [one["QueryExecutionId"] for one in answer["QueryExecutions"]] == [key]
    assert [one["QueryExecutionId"] for one in answer["UnprocessedQueryExecutionIds"]] == ["nothing"]
    runtime = account.athena.get_query_runtime_statistics(QueryExecutionId=key)["QueryRuntimeStatistics"]
    assert runtime["Timeline"]["TotalExecutionTimeInMillis"] >= 0
    assert account.athena.list_query_executions(MaxResults=1)["QueryExecutionIds"] == [key]


def test_a_large_answer_is_written_whole(account: Account) -> None:
    key = start(
        account,
        "SELECT n + 10000 * m AS n, rpad('x', 90, 'y') AS repeat_ "
        "FROM UNNEST(sequence(1, 10000)) AS t(n) CROSS JOIN UNNEST(sequence(0, 19)) AS u(m)",
    )
    execution = account.finished(key)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    body = account.body(execution["ResultConfiguration"]["OutputLocation"]).decode()
    rows = list(csv.reader(io.StringIO(body)))
    assert (rows[0], len(rows), rows[-1][1][-1]) == (["n", "repeat_"], 200_001, "y")
    assert {int(row[0]) for row in rows[1:]} == set(range(1, 200_001))


def _output() -> dict[str, Any]:
    return {"ResultConfiguration": {"OutputLocation": OUTPUT}}
