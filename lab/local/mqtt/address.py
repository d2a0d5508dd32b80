"""The address that IoT names to a device which asks where to connect: the gateway's.

Source: https://docs.aws.amazon.com/iot/latest/apireference/API_DescribeEndpoint.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from ministack.services import iot

from lab.local.mqtt.listener import LOOPBACK

DATA: Final = "iot:Data-ATS"
PORT: Final = 8883
"""The port that a device takes when none is named: https://docs.aws.amazon.com/iot/latest/developerguide/protocols.html"""

Response = tuple[int, dict[str, str], bytes]


def gateway() -> str:
    """Return the gateway's host, as AWS names it; with its port only where that is not the usual one."""
    port = iot._mtls_port()
    return LOOPBACK if port in (None, PORT) else f"{LOOPBACK}:{port}"


def answered(original: Callable[[dict[str, str]], Response]) -> Callable[[dict[str, str]], Response]:
    """Answer DescribeEndpoint for devices with the gateway; other endpoints and refusals stay what they were."""

    def _describe_endpoint(qp: dict[str, str]) -> Response:
        status, headers, body = original(qp)
        if status != 200 or qp.get("endpointType", DATA) != DATA:
            return status, headers, body
        return status, headers, json.dumps({"endpointAddress": gateway()}).encode()

    return _describe_endpoint


def configured(original: Callable[[str], str]) -> Callable[[str], str]:
    """Name the same address in AWS's own domain configuration."""

    def _endpoint_address(endpoint_type: str) -> str:
        return gateway() if endpoint_type == DATA else original(endpoint_type)

    return _endpoint_address
