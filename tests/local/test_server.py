"""The embedded AWS as a process: it starts, says where it is, survives kill -9, stops, forgets."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from lab.errors import LabError
from lab.local import server
from lab.local.paths import Paths, read

REGION = "ap-northeast-1"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "lab"
    yield folder
    server.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


def client(root: Path, running: server.Running, service: str, **credentials: str) -> Any:
    key = read(Paths(root).credentials) or {}
    return boto3.client(
        service,
        endpoint_url=running.endpoint,
        region_name=running.region,
        aws_access_key_id=credentials.get("key_id", key["access_key_id"]),
        aws_secret_access_key=credentials.get("secret", key["secret_access_key"]),
    )


def test_when_started_it_answers_and_a_second_start_returns_the_same_process(root: Path) -> None:
    first = server.start(root, REGION)
    second = server.start(root, REGION)
    assert client(root, first, "sts").get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:user/lab"
    assert (second.pid, second.endpoint) == (first.pid, first.endpoint)
    assert server.status(root) is not None


def test_when_it_runs_credentials_are_readable_by_their_owner_only(root: Path) -> None:
    server.start(root, REGION)
    for path in (Paths(root).credentials, Paths(root).run):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_when_its_ports_are_taken_others_are_chosen_and_remembered(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setitem(server.PREFERRED_PORTS, "http", taken.getsockname()[1])
        first = server.start(root, REGION)
    assert not first.endpoint.endswith(f":{taken}")
    server.stop(root)
    assert server.start(root, REGION).endpoint == first.endpoint


def test_when_killed_nothing_older_than_a_snapshot_is_lost_and_no_lock_stays(root: Path) -> None:
    running = server.start(root, REGION)
    table = client(root, running, "dynamodb")
    table.create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table.put_item(TableName="kept", Item={"id": {"S": "a"}})
    client(root, running, "s3").create_bucket(
        Bucket="kept-bucket", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    wait_for_text(Paths(root).state / "dynamodb.json", '"kept"')
    wait_for_text(Paths(root).state / "s3.json", "kept-bucket")
    os.killpg(running.pid, signal.SIGKILL)
    os.waitpid(running.pid, 0)
    again = server.start(root, REGION)
    assert again.pid != running.pid
    assert client(root, again, "dynamodb").scan(TableName="kept")["Count"] == 1
    assert [b["Name"] for b in client(root, again, "s3").list_buckets()["Buckets"]] == ["kept-bucket"]


def wait_for_text(file: Path, text: str) -> None:
    """Return when a snapshot holds a text; the file's appearance is the event, a deadline the safety."""
    found = threading.Event()

    def look() -> None:
        if file.exists() and text in file.read_text():
            found.set()
            return
        timer = threading.Timer(0.1, look)
        timer.daemon = True
        timer.start()

    look()
    assert found.wait(5), "a snapshot must be on disk five seconds after the answer"


def test_when_stopped_its_port_is_closed_and_status_says_so(root: Path) -> None:
    running = server.start(root, REGION)
    assert server.stop(root) is True
    assert server.status(root) is None
    assert server.stop(root) is False
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(running.endpoint.rsplit(":", 1)[1]))) != 0


def test_when_reset_everything_is_gone(root: Path) -> None:
    running = server.start(root, REGION)
    client(root, running, "s3").create_bucket(
        Bucket="gone-bucket", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    server.reset(root)
    again = server.start(root, REGION)
    assert client(root, again, "s3").list_buckets()["Buckets"] == []


def test_when_asked_for_another_region_it_refuses_with_the_remedy(root: Path) -> None:
    server.start(root, REGION)
    with pytest.raises(LabError, match=f"AWS_REGION={REGION}, or run `lab reset`"):
        server.start(root, "eu-west-1")
    server.stop(root)
    with pytest.raises(LabError, match="lab reset"):
        server.start(root, "eu-west-1")


def test_when_it_cannot_start_the_error_carries_the_log(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(root / "broken"))
    (root / "broken").mkdir(parents=True)
    (root / "broken" / "ministack.py").write_text("raise ImportError('not the real one')")
    with pytest.raises(LabError, match="did not start"):
        server.start(root, REGION)
    assert server.status(root) is None


def test_run_document_has_the_public_members(root: Path) -> None:
    running = server.start(root, REGION)
    document = json.loads(Paths(root).run.read_text())
    assert {"pid", "endpoint", "region", "account", "mqtt_host", "mqtt_port", "ca_file"} <= set(document)
    assert "BEGIN CERTIFICATE" in Path(running.ca_file).read_text()


def test_when_stopped_workers_flush_first(root: Path) -> None:
    running = server.start(root, REGION)
    trust = {"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allow = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::flushed/*"}
    iam = client(root, running, "iam")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps({"Statement": [allow]}))
    client(root, running, "s3").create_bucket(
        Bucket="flushed", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    firehose = client(root, running, "firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName="slow",
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": "arn:aws:s3:::flushed",
            "BufferingHints": {"IntervalInSeconds": 900, "SizeInMBs": 128},
        },
    )
    firehose.put_record(DeliveryStreamName="slow", Record={"Data": b"acknowledged"})
    server.stop(root)
    again = server.start(root, REGION)
    s3 = client(root, again, "s3")
    (entry,) = s3.list_objects_v2(Bucket="flushed")["Contents"]
    assert s3.get_object(Bucket="flushed", Key=entry["Key"])["Body"].read() == b"acknowledged"
