"""MQTT with mutual TLS, quality of service 1, into a DynamoDB table by a rule: messages a second, none lost.

The devices run as a process of their own, so that a device's work is not counted as the gateway's more than it must be.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt

from lab import target
from lab.local import server

MESSAGES = 10_000
IN_FLIGHT = 100
WAIT_SECONDS = 120
TRUST = {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
ALLOW = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}
EVERYTHING = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}


def rows() -> list[dict[str, Any]]:
    """Return one row for one device and one for twenty: clients, messages, stored, messages a second."""
    import os

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "lab"
        os.environ.update({"LAB_STATE": str(root), "LAB_TARGET": "local"})
        running = server.start(root, target.DEFAULT_REGION)
        try:
            os.environ.update(target.environment())
            identity = prepare(Path(folder))
            place = [running.mqtt_host, str(running.mqtt_port), running.ca_file, *map(str, identity)]
            return [measure(place, clients) for clients in (1, 20)]
        finally:
            server.stop(root)


def prepare(folder: Path) -> tuple[Path, Path]:
    """Make a table, a rule that fills it and a device; return its certificate and key."""
    iam, iot = target.client("iam"), target.client("iot")
    role = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="bench", PolicyName="p", PolicyDocument=document(ALLOW))
    target.client("dynamodb").create_table(
        TableName="bench",
        KeySchema=[{"AttributeName": "d", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "d", "AttributeType": "S"},
            {"AttributeName": "n", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    action = {"dynamoDBv2": {"roleArn": role, "putItem": {"tableName": "bench"}}}
    payload = {"sql": "SELECT *, topic(2) AS d FROM 'bench/+'", "actions": [action]}
    iot.create_topic_rule(ruleName="bench", topicRulePayload=payload)
    made = iot.create_keys_and_certificate(setAsActive=True)
    iot.create_policy(policyName="bench", policyDocument=document(EVERYTHING))
    iot.attach_policy(policyName="bench", target=made["certificateArn"])
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_text(made["certificatePem"])
    key.write_text(made["keyPair"]["PrivateKey"])
    return certificate, key


def document(statement: dict[str, Any]) -> str:
    """Return a policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def measure(place: list[str], clients: int) -> dict[str, Any]:
    """Let the devices publish and count what was stored."""
    before = stored()
    command = [sys.executable, __file__, *place, str(clients)]
    seconds = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {
        "what": "MQTT QoS 1, mutual TLS, rule, DynamoDB",
        "clients": clients,
        "messages": MESSAGES,
        "stored": stored() - before,
        "per_second": round(MESSAGES / seconds),
    }


def stored() -> int:
    """Return how many items are in the table."""
    pages = target.client("dynamodb").get_paginator("scan").paginate(TableName="bench", Select="COUNT")
    return sum(page["Count"] for page in pages)


def publish(place: list[str], clients: int) -> float:
    """Publish as a number of devices and return the seconds until the last acknowledgement."""
    host, port, ca, certificate, key = place
    context = ssl.create_default_context(cafile=ca)
    context.load_cert_chain(certificate, key)
    acknowledged, connected = threading.Semaphore(0), threading.Semaphore(0)
    devices = []
    for number in range(clients):
        device = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"bench-{clients}-{number}")
        device.tls_set_context(context)
        device.max_inflight_messages_set(max(IN_FLIGHT // clients, 5))
        device.on_publish = lambda *_: acknowledged.release()
        device.on_connect = lambda *_: connected.release()
        device.connect(host, int(port))
        device.loop_start()
        devices.append(device)
    for _ in devices:
        assert connected.acquire(timeout=WAIT_SECONDS)
    began = time.perf_counter()
    for number in range(MESSAGES):
        payload = json.dumps({"n": number, "temperature": 25.5})
        devices[number % clients].publish(f"bench/{clients}-{number % clients}", payload, 1)
    for _ in range(MESSAGES):
        assert acknowledged.acquire(timeout=WAIT_SECONDS)
    seconds = time.perf_counter() - began
    for device in devices:
        device.disconnect()
        device.loop_stop()
    return seconds


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(publish(sys.argv[1:6], int(sys.argv[6])))
    else:
        for row in rows():
            print(row)
