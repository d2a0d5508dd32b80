"""MQTT with mutual TLS, quality of service 1, into a DynamoDB table by a rule: messages a second, none lost.

The devices run as a process of their own, so that a device's work is not counted as the gateway's more than it must be.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import boto3
import paho.mqtt.client as mqtt

from lab import target
from lab.local import server
from tests.benchmarks.mosquitto import mosquitto, program
from tests.benchmarks.stock import stock

OURS = "embedded AWS: MQTT, rule, DynamoDB"
STOCK = "stock MiniStack: MQTT, rule, DynamoDB"
CLIENTS = (1, 20)
IDLE_SECONDS = 3.0

MESSAGES = 10_000
IN_FLIGHT = 100
WAIT_SECONDS = 120
TRUST = {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
ALLOW = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}
EVERYTHING = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}


def rows() -> list[dict[str, Any]]:
    """Return a row for each side with one device and with twenty, and rows of the start and of idle memory.

    Columns: messages, stored, per_second; ratio: of the embedded AWS's rate to this side's.
    """
    saved = dict(os.environ)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            found = [*ours(folder), *theirs(folder)]
        finally:
            os.environ.clear()
            os.environ.update(saved)
        if program() is None:
            found.append({"what": "mosquitto is not measured: install it (Debian: apt-get install mosquitto)"})
        else:
            with mosquitto(folder / "mosquitto") as place:
                found += [raw(place, clients) for clients in CLIENTS]
    rates = {row["clients"]: row["per_second"] for row in found if row["what"] == OURS and "clients" in row}
    for row in found:
        if "per_second" in row:
            row["ratio"] = rates[row["clients"]] / row["per_second"]
    return found


def ours(folder: Path) -> list[dict[str, Any]]:
    """Measure the embedded AWS: certificates required, policies and roles checked, kept over a crash."""
    root = folder / "lab"
    os.environ.update({"LAB_STATE": str(root), "LAB_TARGET": "local"})
    running = server.start(root, target.DEFAULT_REGION)
    try:
        os.environ.update(target.environment())
        time.sleep(IDLE_SECONDS)
        state = {"what": OURS, "ready_s": running.seconds, "idle_MB": megabytes(running.pid)}
        identity = prepare(folder)
        place = [running.mqtt_host, str(running.mqtt_port), running.ca_file, *map(str, identity)]
        return [state, *(measure(OURS, place, clients) for clients in CLIENTS)]
    finally:
        server.stop(root)


def theirs(folder: Path) -> list[dict[str, Any]]:
    """Measure stock MiniStack: anonymous devices let in, no policy asked."""
    with stock(folder / "stock", target.DEFAULT_REGION) as running:
        os.environ.update({"AWS_ENDPOINT_URL": running.endpoint, "AWS_DEFAULT_REGION": target.DEFAULT_REGION})
        os.environ.update({"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
        time.sleep(IDLE_SECONDS)
        state = {"what": STOCK, "ready_s": running.seconds, "idle_MB": megabytes(running.pid)}
        identity = prepare(folder)
        authority = folder / "stock-ca.pem"
        with urllib.request.urlopen(f"{running.endpoint}/_ministack/iot/ca.pem", timeout=10) as answer:
            authority.write_bytes(answer.read())
        place = ["127.0.0.1", str(running.mqtt_port), str(authority), *map(str, identity)]
        return [state, *(measure(STOCK, place, clients) for clients in CLIENTS)]


def raw(place: list[str], clients: int) -> dict[str, Any]:
    """Measure mosquitto, which stores nothing."""
    return {
        "what": "mosquitto, broker alone",
        "clients": clients,
        "messages": MESSAGES,
        "per_second": rate(place, clients),
    }


def client(service: str) -> Any:
    """Return a client of the side that the environment points to."""
    return boto3.Session().client(service)


def megabytes(pid: int) -> float:
    """Return the resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def prepare(folder: Path) -> tuple[Path, Path]:
    """Make a table, a rule that fills it and a device; return its certificate and key."""
    iam, iot = client("iam"), client("iot")
    role = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="bench", PolicyName="p", PolicyDocument=document(ALLOW))
    client("dynamodb").create_table(
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


def measure(what: str, place: list[str], clients: int) -> dict[str, Any]:
    """Let the devices publish and count what was stored."""
    before = stored()
    found = {"what": what, "clients": clients, "messages": MESSAGES, "per_second": rate(place, clients)}
    return {**found, "stored": stored() - before}


def rate(place: list[str], clients: int) -> float:
    """Let the devices publish, in a process of their own, and return acknowledged messages a second."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_mqtt", *place, str(clients)]
    return MESSAGES / float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def stored() -> int:
    """Return how many items are in the table."""
    pages = client("dynamodb").get_paginator("scan").paginate(TableName="bench", Select="COUNT")
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
