"""A role that may write metrics of one namespace writes those, and no others."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError

from lab import target
from lab.local.monitoring import conditions
from tests.conftest import EmbeddedAws

ALLOWED = "Readings"
POLICY = {
    "Effect": "Allow",
    "Action": "cloudwatch:PutMetricData",
    "Resource": "*",
    "Condition": {"StringEquals": {"cloudwatch:namespace": ALLOWED}},
}


@pytest.fixture(scope="module")
def session(aws: EmbeddedAws) -> Iterator[boto3.Session]:
    """A session of a role that may put metrics into one namespace."""
    iam, name = aws.client("iam"), f"metrics-{uuid.uuid4().hex[:8]}"
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{target.account()}:root"},
        "Action": "sts:AssumeRole",
    }
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="one", PolicyDocument=document(POLICY))
    given = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="metrics")["Credentials"]
    yield boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    iam.delete_role_policy(RoleName=name, PolicyName="one")
    iam.delete_role(RoleName=name)


def document(statement: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize("points", [1, 400])
def test_the_namespace_of_the_policy_is_written_in_small_and_compressed_requests(
    session: boto3.Session, aws: EmbeddedAws, points: int
) -> None:
    name = f"Rows{points}"
    data = [
        {"MetricName": name, "Dimensions": [{"Name": "Job", "Value": f"job-{row}"}], "Value": 3}
        for row in range(points)
    ]
    session.client("cloudwatch").put_metric_data(Namespace=ALLOWED, MetricData=data)
    pages = aws.client("cloudwatch").get_paginator("list_metrics").paginate(Namespace=ALLOWED, MetricName=name)
    assert sum(len(page["Metrics"]) for page in pages) == points


def test_another_namespace_is_refused(session: boto3.Session) -> None:
    with pytest.raises(ClientError, match="not authorized to perform: cloudwatch:PutMetricData"):
        session.client("cloudwatch").put_metric_data(
            Namespace="Others", MetricData=[{"MetricName": "Rows", "Value": 3}]
        )


@pytest.mark.parametrize(
    ("body", "params", "expected"),
    [
        (b'{"Namespace": "A"}', {}, "A"),
        (gzip.compress(b'{"Namespace": "A"}', mtime=0), {}, "A"),
        (b"Namespace=A", {"Namespace": ["A"]}, "A"),
        (b"", {"Namespace": "A"}, "A"),
        (b"[]", {}, None),
        (b"\x1f\x8bcut", {}, None),
        (b"{", {}, None),
    ],
)
def test_the_namespace_is_found_in_every_form_of_the_request(body: bytes, params: dict, expected: str | None) -> None:
    asked = conditions.namespace(lambda *_: {"aws:tagkeys": []})
    assert asked("monitoring", conditions.ACTION, body, params).get(conditions.KEY) == expected
    assert conditions.KEY not in asked("monitoring", "cloudwatch:GetMetricData", body, params)
