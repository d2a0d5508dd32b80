"""The development cases over tables of the catalog, asked through the API."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from account import BUCKET, Account, Answer

CASES = json.loads((Path(__file__).parent / "development_cases.json").read_text())
TABLES = [case for case in CASES if "fixture" in case]
CATALOG, ITEMS = "room-catalog-dynamodb", "room-dynamodb-sensor-data"
PYTHON: dict[str, Callable[[str], Any]] = {"bigint": int, "integer": int, "double": float}


@pytest.fixture(scope="module")
def tables(account: Account) -> Iterator[Account]:
    """The account with a DynamoDB table and its catalog; the tables that cases make are removed at the end."""
    dynamodb = account.client("dynamodb")
    dynamodb.create_table(
        TableName=ITEMS,
        KeySchema=[{"AttributeName": "device_id", "KeyType": "HASH"}, {"AttributeName": "ts", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "device_id", "AttributeType": "S"},
            {"AttributeName": "ts", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for device, at, temperature in (("d1", "1", "20.5"), ("d2", "2", "21.5")):
        item = {"device_id": {"S": device}, "ts": {"N": at}, "temperature": {"N": temperature}}
        dynamodb.put_item(TableName=ITEMS, Item=item)
    function = "arn:aws:lambda:ap-northeast-1:000000000000:function:connector"
    account.athena.create_data_catalog(Name=CATALOG, Type="LAMBDA", Parameters={"function": function})
    yield account
    account.athena.delete_data_catalog(Name=CATALOG)
    dynamodb.delete_table(TableName=ITEMS)
    for name in ("ctas_t", "ins_t", "drp"):
        account.done(f"DROP TABLE IF EXISTS {name}")
    account.done("DEALLOCATE PREPARE p1")


@pytest.mark.parametrize("case", TABLES, ids=lambda case: case["id"])
def test_a_case_over_tables_gives_what_the_documents_say(tables: Account, case: dict[str, Any]) -> None:
    statements = case["sql"] if isinstance(case["sql"], list) else [case["sql"]]
    *before, last = [statement.replace("{bucket}", f"{BUCKET}/cases") for statement in statements]
    for statement in before:
        tables.done(statement, context=case["context"])
    if "expect_error" in case:
        assert case["expect_error"] in tables.failure(last, context=case["context"])
        return
    answer = tables.done(last, context=case["context"])
    check_rows(answer, case)
    if case.get("expected_types"):
        assert [kind for _, kind in answer.columns] == case["expected_types"]
    if case.get("statement_type"):
        assert answer.execution["StatementType"] == case["statement_type"]
    if case.get("result_ext"):
        assert answer.location.endswith(case["result_ext"])
    if case.get("csv_body"):
        assert tables.body(answer.location).decode() == case["csv_body"]
    if last.startswith("UNLOAD"):
        check_unloaded(tables, answer)


def check_rows(answer: Answer, case: dict[str, Any]) -> None:
    if case.get("athena_cells"):
        assert [list(row) for row in answer.rows] == case["athena_cells"]
    if case.get("must_contain"):
        text = "\n".join(row[0] or "" for row in answer.rows)
        assert all(part in text for part in case["must_contain"])
    if case.get("expected_rows") is None:
        return
    found = [[value(*cell) for cell in zip(row, answer.columns, strict=True)] for row in answer.rows]
    wanted = case["expected_rows"]
    if not case.get("ordered"):
        found, wanted = sorted(found, key=repr), sorted(wanted, key=repr)
    assert len(found) == len(wanted)
    for row, expected in zip(found, wanted, strict=True):
        assert row == pytest.approx(expected) if isinstance(expected[-1], float) else row == expected


def value(cell: str | None, column: tuple[str, str]) -> Any:
    """A cell as the cases write values."""
    return None if cell is None else PYTHON.get(column[1], str)(cell)


def check_unloaded(tables: Account, answer: Answer) -> None:
    """The manifest lists all objects below the prefix, and they hold the six readings."""
    files = tables.body(answer.manifest).decode().split()
    assert sorted(files) == [f"s3://{BUCKET}/{key}" for key in tables.keys("cases/unload/")]
    rows = [row for file in files for row in pq.read_table(io.BytesIO(tables.body(file))).to_pylist()]
    assert sorted(row["reading"] for row in rows) == [1, 2, 3, 4, 5, 6]


def test_a_number_that_dynamodb_keeps_is_a_decimal_with_nine_digits(tables: Account) -> None:
    answer = tables.done(f'SELECT sum(temperature) FROM "{CATALOG}"."default"."{ITEMS}"')
    assert Decimal(answer.rows[0][0] or "") == Decimal(42)
