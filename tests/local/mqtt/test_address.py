"""The address that IoT tells a device: where the gateway of this AWS takes its certificate."""

from __future__ import annotations

import socket
import ssl

import pytest
from botocore.exceptions import ClientError

from lab.local.mqtt import address
from tests.conftest import EmbeddedAws


def test_a_device_is_told_where_the_gateway_listens(aws: EmbeddedAws) -> None:
    told = aws.client("iot").describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
    host, _, port = told.partition(":")
    context = ssl.create_default_context(cafile=aws.running.ca_file)
    with (
        socket.create_connection((host, int(port or address.PORT))) as plain,
        context.wrap_socket(plain, server_hostname=host) as tls,
    ):
        assert tls.version()


def test_awss_own_domain_configuration_names_the_same(aws: EmbeddedAws) -> None:
    iot = aws.client("iot")
    told = iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
    assert iot.describe_domain_configuration(domainConfigurationName="iot:Data-ATS")["domainName"] == told


def test_other_endpoints_and_refusals_are_not_the_gateways(aws: EmbeddedAws) -> None:
    iot = aws.client("iot")
    told = iot.describe_endpoint(endpointType="iot:CredentialProvider")["endpointAddress"]
    assert ".credentials.iot." in told
    with pytest.raises(ClientError, match="InvalidRequestException"):
        iot.describe_endpoint(endpointType="iot:Jobs")


@pytest.mark.parametrize(("port", "told"), [(8883, "127.0.0.1"), (None, "127.0.0.1"), (20001, "127.0.0.1:20001")])
def test_the_usual_port_is_left_out_as_aws_does(monkeypatch: pytest.MonkeyPatch, port: int | None, told: str) -> None:
    monkeypatch.setattr(address.iot, "_mtls_port", lambda: port)
    assert address.gateway() == told
