"""Devices for the tests of this room: provisioned in the shared embedded AWS, removed at the end."""

from __future__ import annotations

import json
import queue
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as mqtt
import pytest

from lab import stacks, target
from lab.device import Identity, provision

VERSION = {"Version": "2012-10-17"}
POLICY = {
    **VERSION,
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "iot:Connect",
            "Resource": "arn:aws:iot:*:*:client/${iot:Connection.Thing.ThingName}",
            "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}},
        },
        {
            "Effect": "Allow",
            "Action": "iot:Publish",
            "Resource": "arn:aws:iot:*:*:topic/device/${iot:Connection.Thing.ThingName}/data",
        },
    ],
}


@pytest.fixture
def policy(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a device policy that stands where Level 1's would."""
    iot = aws.client("iot")
    name = f"policy-{uuid.uuid4().hex[:8]}"
    iot.create_policy(policyName=name, policyDocument=json.dumps(POLICY))
    monkeypatch.setattr(stacks, "outputs", lambda *_: {"DevicePolicyName": name})
    yield name
    for held in iot.list_targets_for_policy(policyName=name)["targets"]:
        iot.detach_policy(policyName=name, target=held)
    iot.delete_policy(policyName=name)


@pytest.fixture
def new_device(aws: Any, policy: str) -> Iterator[Callable[[], Identity]]:
    """Provision a device under a name of its own; things, certificates and folders are removed at the end."""
    made: list[str] = []

    def make() -> Identity:
        name = f"board-{uuid.uuid4().hex[:8]}"
        made.append(name)
        return provision(name)

    yield make
    for name in made:
        _remove(aws.client("iot"), name, policy)


@pytest.fixture
def identity(new_device: Callable[[], Identity]) -> Identity:
    """One provisioned device."""
    return new_device()


def _remove(iot: Any, name: str, policy: str) -> None:
    for arn in iot.list_thing_principals(thingName=name)["principals"]:
        certificate = arn.rpartition("/")[2]
        iot.detach_thing_principal(thingName=name, principal=arn)
        iot.detach_policy(policyName=policy, target=arn)
        iot.update_certificate(certificateId=certificate, newStatus="INACTIVE")
        iot.delete_certificate(certificateId=certificate)
    iot.delete_thing(thingName=name)
    shutil.rmtree(target.state_folder() / "devices" / name, ignore_errors=True)


@dataclass(frozen=True)
class Cloud:
    """What stands behind one device: a rule as Level 1's, its table, and the log group of its errors."""

    sql: str
    table: str
    errors: str


@pytest.fixture
def cloud(aws: Any, identity: Identity) -> Iterator[Cloud]:
    """A rule of the device's own topic into a table of its own, with an error action."""
    name = f"cloud_{uuid.uuid4().hex[:8]}"
    made = Cloud(f"SELECT * FROM 'device/{identity.device_id}/data' WHERE device_id = topic(2)", name, f"/{name}")
    iam, iot, logs, dynamodb = (aws.client(service) for service in ("iam", "iot", "logs", "dynamodb"))
    trust = {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({**VERSION, "Statement": [trust]}))
    allow = {"Effect": "Allow", "Action": ["dynamodb:PutItem", "logs:*"], "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps({**VERSION, "Statement": [allow]}))
    logs.create_log_group(logGroupName=made.errors)
    keys = (("device_id", "HASH", "S"), ("timestamp", "RANGE", "N"))
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind, _ in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, _, kind in keys],
    )
    arn = role["Role"]["Arn"]
    iot.create_topic_rule(
        ruleName=name,
        topicRulePayload={
            "sql": made.sql,
            "awsIotSqlVersion": "2016-03-23",
            "actions": [{"dynamoDBv2": {"roleArn": arn, "putItem": {"tableName": name}}}],
            "errorAction": {"cloudwatchLogs": {"logGroupName": made.errors, "roleArn": arn}},
        },
    )
    yield made
    iot.delete_topic_rule(ruleName=name)
    dynamodb.delete_table(TableName=name)
    logs.delete_log_group(logGroupName=made.errors)
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    iam.delete_role(RoleName=name)


class Arrivals:
    """What the broker passed on, in order, as a subscriber beside the device sees it."""

    def __init__(self, client: mqtt.Client) -> None:
        self._client = client
        self._payloads: queue.Queue[bytes] = queue.Queue()
        self._subscribed = threading.Event()
        client.on_message = lambda _client, _data, message: self._payloads.put(message.payload)
        client.on_subscribe = lambda *_: self._subscribed.set()

    def of(self, device_id: str) -> Arrivals:
        """Listen to one device from now on."""
        self._subscribed.clear()
        self._client.subscribe(f"device/{device_id}/data", qos=1)
        assert self._subscribed.wait(60)
        return self

    def until(self, timestamp: int) -> list[dict[str, Any]]:
        """Return the messages so far, up to the one with this timestamp."""
        messages: list[dict[str, Any]] = []
        while not messages or messages[-1]["timestamp"] != timestamp:
            messages.append(json.loads(self._payloads.get(timeout=60)))
        return messages


@pytest.fixture
def arrivals(aws: Any, tmp_path: Any) -> Iterator[Arrivals]:
    """A subscriber with a certificate that may read everything."""
    iot = aws.client("iot")
    made = iot.create_keys_and_certificate(setAsActive=True)
    name = f"policy-{uuid.uuid4().hex[:8]}"
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
    iot.create_policy(policyName=name, policyDocument=json.dumps(everything))
    iot.attach_policy(policyName=name, target=made["certificateArn"])
    (tmp_path / "listener.pem").write_text(made["certificatePem"])
    (tmp_path / "listener.key").write_text(made["keyPair"]["PrivateKey"])
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"listener-{uuid.uuid4().hex[:8]}")
    client.tls_set(aws.running.ca_file, str(tmp_path / "listener.pem"), str(tmp_path / "listener.key"))
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.connect(aws.running.mqtt_host, aws.running.mqtt_port)
    client.loop_start()
    assert connected.wait(60)
    yield Arrivals(client)
    client.disconnect()
    client.loop_stop()
    iot.detach_policy(policyName=name, target=made["certificateArn"])
    iot.delete_policy(policyName=name)
    iot.update_certificate(certificateId=made["certificateId"], newStatus="INACTIVE")
    iot.delete_certificate(certificateId=made["certificateId"])
