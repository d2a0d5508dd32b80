"""The guard: back doors are shut, over the wire and with unchanged clients."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

SERVICES = {"s3": "list_buckets", "dynamodb": "list_tables", "sns": "list_topics", "iot": "list_things"}


def call(aws: Any, service: str, key_id: str, secret: str) -> None:
    client = boto3.client(
        service,
        endpoint_url=aws.running.endpoint,
        region_name=aws.running.region,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
    )
    getattr(client, SERVICES[service])()


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("key_id", ["test", "000000000000", "123456789012"])
def test_when_the_key_id_is_a_back_door_every_service_refuses_it(aws: Any, service: str, key_id: str) -> None:
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        call(aws, service, key_id, "test")


@pytest.mark.parametrize("service", SERVICES)
def test_when_the_secret_is_wrong_every_service_refuses_it(aws: Any, service: str) -> None:
    with pytest.raises(ClientError) as refused:
        call(aws, service, aws.environment["AWS_ACCESS_KEY_ID"], "wrong")
    assert refused.value.response["Error"]["Code"] in ("SignatureDoesNotMatch", "InvalidSignatureException")


@pytest.mark.parametrize("service", SERVICES)
def test_when_nothing_is_signed_every_service_refuses_it(aws: Any, service: str) -> None:
    client = boto3.client(
        service,
        endpoint_url=aws.running.endpoint,
        region_name=aws.running.region,
        config=Config(signature_version=UNSIGNED),
    )
    with pytest.raises(ClientError, match="MissingAuthenticationToken"):
        getattr(client, SERVICES[service])()


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/config", "/_ministack/health", "/_aws/ses"])
def test_administration_paths_answer_nobody(aws: Any, path: str) -> None:
    request = urllib.request.Request(
        aws.running.endpoint + path,
        headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={aws.environment['AWS_ACCESS_KEY_ID']}/x"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 403


def test_when_the_host_header_is_foreign_it_is_refused(aws: Any) -> None:
    request = urllib.request.Request(aws.running.endpoint, headers={"Host": "attacker.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 403


def test_from_another_address_of_the_host_nothing_answers(aws: Any) -> None:
    port = int(aws.running.endpoint.rsplit(":", 1)[1])
    for name in (port, aws.running.mqtt_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.2", name)) != 0


def test_a_service_that_nobody_checked_is_refused(aws: Any) -> None:
    with pytest.raises(ClientError, match="redshift is not served"):
        aws.client("redshift").describe_clusters()
