"""A query reads and writes under its caller's permissions.

Expectations: https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from account import BUCKET, OUTPUT, Account, Answer
from botocore.exceptions import ClientError

USER = "room-analyst"
OBJECTS = f"arn:aws:s3:::{BUCKET}"
BASE = [
    {"Effect": "Allow", "Action": ["athena:*", "glue:Get*"], "Resource": "*"},
    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": OBJECTS},
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"{OBJECTS}/results/*"},
]
DATA = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{OBJECTS}/room_db/*"}


def without(*actions: str) -> list[dict[str, Any]]:
    """Everything that a query needs, but these actions."""
    return [*BASE, DATA, {"Effect": "Deny", "Action": list(actions), "Resource": "*"}]


@pytest.fixture(scope="module")
def analyst(account: Account) -> Iterator[Callable[[list[dict[str, Any]]], Account]]:
    """Makes the account as a user with these statements as policy sees it."""
    iam = account.client("iam")
    iam.create_user(UserName=USER)
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=os.environ["AWS_REGION"])
    seen = object.__new__(Account)
    seen.athena = session.client("athena")

    def under(statements: list[dict[str, Any]]) -> Account:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=USER, PolicyName="p", PolicyDocument=document)
        return seen

    yield under
    iam.delete_user_policy(UserName=USER, PolicyName="p")
    iam.delete_access_key(UserName=USER, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=USER)


def test_who_may_read_the_catalog_the_data_and_the_results_gets_the_answer(analyst: Any) -> None:
    assert analyst([*BASE, DATA]).done("SELECT count(*) FROM sensor").rows == [("6",)]


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (
            BASE,
            "PERMISSION_DENIED: User: arn:aws:iam::000000000000:user/room-analyst is not authorized to perform: s3:G",
        ),
        (without("glue:GetTable"), "is not authorized to perform: glue:GetTable"),
        (without("glue:GetPartitions"), "is not authorized to perform: glue:GetPartitions"),
        (without("s3:ListBucket"), "PERMISSION_DENIED"),
        (without("s3:PutObject"), "PERMISSION_DENIED"),
    ],
    ids=["data", "table", "partitions", "list", "write"],
)
def test_a_permission_that_is_missing_fails_the_query(
    analyst: Any, statements: list[dict[str, Any]], reason: str
) -> None:
    assert reason in analyst(statements).failure("SELECT max(reading) FROM sensor")


def test_a_policy_may_open_one_partition_only(analyst: Any) -> None:
    january = {**DATA, "Resource": f"{OBJECTS}/room_db/sensor/year=2024/month=01/*"}
    seen = analyst([*BASE, january])
    assert seen.done("SELECT count(*) FROM sensor WHERE month = '01'").rows == [("4",)]
    assert "month=02" in seen.failure("SELECT count(*) FROM sensor")


def test_nothing_is_defined_without_glue_s_permission(analyst: Any, account: Account) -> None:
    sql = f"CREATE EXTERNAL TABLE room_db.forbidden (a int) LOCATION 's3://{BUCKET}/forbidden/'"
    assert "not authorized to perform: glue:CreateTable" in analyst([*BASE, DATA]).failure(sql)
    assert account.done("SHOW TABLES 'forbidden'").rows == []


def test_results_are_read_only_with_their_permission(analyst: Any) -> None:
    def asked(seen: Account) -> Answer:
        return seen.done("SELECT 1", ResultConfiguration={"OutputLocation": OUTPUT})

    with pytest.raises(ClientError, match="not authorized to perform: s3:GetObject"):
        asked(analyst(without("s3:GetObject")))


def test_metadata_needs_glue_s_permission_and_a_connector_its_function_s(analyst: Any, account: Account) -> None:
    seen = analyst(without("glue:GetDatabases"))
    with pytest.raises(ClientError, match="not authorized to perform: glue:GetDatabases") as refusal:
        seen.athena.list_databases(CatalogName="AwsDataCatalog")
    assert refusal.value.response["Error"]["Code"] == "MetadataException"
    function = "arn:aws:lambda:ap-northeast-1:000000000000:function:room-f"
    account.athena.create_data_catalog(Name="room-f", Type="LAMBDA", Parameters={"function": function})
    reason = seen.failure('SELECT * FROM "room-f"."default"."t"')
    account.athena.delete_data_catalog(Name="room-f")
    assert f"not authorized to perform: lambda:InvokeFunction on resource: {function}" in reason
