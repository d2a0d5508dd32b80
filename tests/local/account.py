"""What tests of the embedded AWS make again and again: roles with a policy, buckets, and waiting for what must come."""

from __future__ import annotations

import functools
import gzip
import json
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from lab import target

WAIT_SECONDS = 90.0
Found = TypeVar("Found")


def unique(word: str) -> str:
    """Return a name that no other test has."""
    return f"{word}-{uuid.uuid4().hex[:8]}"


def wait_for(look: Callable[[], Found], what: str, seconds: float = WAIT_SECONDS) -> Found:
    """Return what ``look`` finds as soon as it finds something; its absence after the deadline fails the test."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not come within {seconds} s"
        time.sleep(0.05)


def client(service: str) -> Any:
    """Return a boto3 client of the person's user; each is made once."""
    return _client(service, os.environ["LAB_STATE"], os.environ["AWS_ENDPOINT_URL"])


@functools.cache
def _client(service: str, _state: str, _endpoint: str) -> Any:
    return target.client(service)


@dataclass(frozen=True)
class Statement:
    """One permission: an action on resources."""

    action: str
    resources: tuple[str, ...] = ("*",)


def document(*statements: dict[str, Any]) -> str:
    """Return a policy as IAM takes it."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role(principal: str, statements: Iterable[Statement], condition: dict[str, Any] | None = None) -> str:
    """Make a role that a service may assume and return its ARN. Parameters: condition, of its trust policy."""
    iam, name = client("iam"), unique("role")
    trust = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
    trust |= {"Condition": condition} if condition else {}
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    grant(arn, statements)
    return arn


def grant(arn: str, statements: Iterable[Statement]) -> None:
    """Give a role these permissions and no others."""
    allowed = [{"Effect": "Allow", "Action": s.action, "Resource": list(s.resources)} for s in statements]
    client("iam").put_role_policy(
        RoleName=arn.rpartition("/")[2], PolicyName="policy", PolicyDocument=document(*allowed)
    )


def drop_role(arn: str) -> None:
    """Remove a role made by ``role``."""
    iam, name = client("iam"), arn.rpartition("/")[2]
    iam.delete_role_policy(RoleName=name, PolicyName="policy")
    iam.delete_role(RoleName=name)


@contextmanager
def bucket() -> Iterator[str]:
    """Make a bucket, and remove it with its objects."""
    s3, name = client("s3"), unique("bucket")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": target.region()})
    try:
        yield name
    finally:
        for key in keys(name):
            s3.delete_object(Bucket=name, Key=key)
        s3.delete_bucket(Bucket=name)


def keys(name: str) -> list[str]:
    """Return the keys of a bucket in order."""
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=name)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def content(name: str, key: str) -> bytes:
    """Return an object's bytes, unpacked when its key ends in ``.gz``."""
    body: bytes = client("s3").get_object(Bucket=name, Key=key)["Body"].read()
    return gzip.decompress(body) if key.endswith(".gz") else body


def lines(name: str) -> list[str]:
    """Return the lines of all objects of a bucket."""
    return [line for key in keys(name) for line in content(name, key).decode().splitlines()]
