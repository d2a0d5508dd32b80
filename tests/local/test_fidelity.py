"""The table of docs/local-aws.md: current, its proofs are tests, and no operation that we serve is left out."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from lab import stackdocs
from lab.local import resources, stock, stock_types
from lab.local.athena.service import service as athena
from lab.local.context import Context
from lab.local.crawler import Crawlers
from lab.local.firehose import Firehose
from lab.local.jobs import Jobs
from lab.local.schedules import ROUTES
from lab.target import ROOT
from tests.local.fidelity import PAGE, PART, ROWS, Row, table


def unreachable(*_: str) -> None:
    """No client is needed to know what is served."""


def unheard(*_: object) -> None:
    """Nobody listens to events either."""


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(
        "http://127.0.0.1:1",
        "r",
        "0",
        tmp_path,
        tmp_path,
        unreachable,
        unreachable,
        unreachable,
        time.time,  # type: ignore[arg-type]
    )


NAMES = {
    "dynamodb": "DynamoDB",
    "events": "EventBridge",
    "glue": "Glue",
    "kinesis": "Kinesis",
    "logs": "CloudWatch Logs",
    "monitoring": "CloudWatch",
    "sns": "SNS",
    "ssm": "SSM",
}


def listed(service: str) -> set[str]:
    return {operation for row in ROWS if row.service.startswith(service) for operation in row.operations}


def test_the_page_holds_the_table_of_today() -> None:
    document = stackdocs.page(PAGE).read_text()
    assert stackdocs.replace_part(document, PART, table()) == document, "run: python -m tests.local.fidelity"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.service} {row.operations[0]}")
def test_each_row_is_proven_by_a_test_and_says_what_differs(row: Row) -> None:
    found = [file for file in (ROOT / "tests").rglob("test_*.py") if f"def {row.proof}(" in file.read_text()]
    assert found, row.proof
    assert row.differs or row.verdict == "faithful"


def test_every_operation_that_we_serve_is_in_the_table(context: Context) -> None:
    assert set(Firehose(context).service.operations) <= listed("Firehose")
    assert set(athena(context).operations) <= listed("Athena")
    assert {operation for _, _, operation in ROUTES} <= listed("EventBridge Scheduler")
    assert {*Crawlers(context, unheard).operations, *Jobs(context, unheard).operations} <= listed("Glue")


@pytest.mark.parametrize("service", sorted(stock.SERVED))
def test_every_operation_that_is_let_through_is_in_the_table(service: str) -> None:
    assert stock.SERVED[service] <= listed(NAMES[service])


def test_every_type_of_resource_that_a_stack_may_have_is_in_the_table() -> None:
    assert {*stock_types.CHECKED, *resources.TYPES} <= listed("CloudFormation")


def test_a_proof_is_named_as_a_sentence() -> None:
    assert all(re.fullmatch(r"test_[a-z0-9_]{15,}", row.proof) for row in ROWS)
