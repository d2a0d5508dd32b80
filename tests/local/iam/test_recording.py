"""The embedded AWS keeps which permissions each role used."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from lab.local.decisions import Decision, read
from lab.local.paths import Paths
from tests.local import account
from tests.local.account import Statement


def test_what_a_role_does_is_recorded_with_the_answer(aws: Any) -> None:
    trust = account.document(
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    )
    iam, name = aws.client("iam"), account.unique("recorded")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    account.grant(arn, [Statement("dynamodb:ListTables")])
    key = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"], aws.running.region)
    session.client("dynamodb", endpoint_url=aws.running.endpoint).list_tables()
    sqs = session.client("sqs", endpoint_url=aws.running.endpoint)
    with pytest.raises(sqs.exceptions.ClientError, match="AccessDenied"):
        sqs.list_queues()
    found = {decision for decision in read(Paths(aws.root).decisions) if decision.role == name}
    assert found == {Decision(name, "dynamodb:ListTables", True), Decision(name, "sqs:ListQueues", False)}
    account.drop_role(arn)
