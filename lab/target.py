"""The target: this computer's embedded AWS or a real account. The only module that asks which.

``LAB_TARGET`` is ``local`` (the default) or ``aws``. Everything else takes its clients, its environment and its MQTT
address from here, so that the code does not differ.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from lab.errors import LabError
from lab.local import server

if TYPE_CHECKING:
    import boto3

Name = Literal["local", "aws"]

DEFAULT_REGION: Final = "ap-northeast-1"
ROOT: Final = Path(__file__).resolve().parent.parent
AWS_MQTT_PORT: Final = 8883


@dataclass(frozen=True)
class MqttEndpoint:
    """Where a device connects. ca_file: the authority it must trust, or None for the target's public one."""

    host: str
    port: int
    ca_file: Path | None


def name() -> Name:
    """Return the target's name.

    Raises: LabError when LAB_TARGET is neither ``local`` nor ``aws``.
    """
    value = os.environ.get("LAB_TARGET", "local")
    if value == "local":
        return "local"
    if value == "aws":
        return "aws"
    raise LabError(f"LAB_TARGET is {value!r}; it can be 'local' or 'aws'.", "Run `export LAB_TARGET=local`.")


def state_folder() -> Path:
    """Return the folder in which the embedded AWS and the devices keep their files (``LAB_STATE``, else ``.lab``)."""
    return Path(os.environ.get("LAB_STATE") or ROOT / ".lab").resolve()


def region() -> str:
    """Return the region to work in: ``AWS_REGION``, ``AWS_DEFAULT_REGION``, else the seeds' region."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION


def environment() -> dict[str, str]:
    """Return the variables with which any AWS client reaches the target.

    Raises: LabError when the embedded AWS does not run, or the account's credentials are missing.
    """
    if name() == "aws":
        return {"AWS_REGION": region(), "AWS_DEFAULT_REGION": region()}
    return server.environment(state_folder())


def session() -> boto3.Session:
    """Return a boto3 session of the target. Its clients go to the target's endpoint by themselves.

    Raises: LabError when the target cannot be reached with credentials.
    """
    import boto3

    variables = environment()
    if name() == "aws":
        found = boto3.Session(region_name=region())
        if found.get_credentials() is None:
            raise LabError("No AWS credentials were found.", "Run `aws configure sso` or set AWS_PROFILE.")
        return found
    return boto3.Session(
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
    )


def client(service: str, region_name: str | None = None) -> Any:
    """Return a boto3 client of the target for a service, such as ``dynamodb``.

    Parameters: region_name, only where a service keeps something in another region than the one to work in.
    """
    from botocore.config import Config

    endpoint = environment().get("AWS_ENDPOINT_URL")
    config = Config(retries={"mode": "standard", "max_attempts": 5})
    return session().client(service, region_name=region_name, endpoint_url=endpoint, config=config)


def account() -> str:
    """Return the account's number, and with it prove that the credentials are accepted.

    Raises: LabError when they are not.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return str(client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise LabError(
            f"AWS refused the credentials: {error}.", "Renew them, for instance by `aws sso login`."
        ) from error


def identity() -> str:
    """Return what tells this AWS from another: the account and region, or the embedded AWS's key, new after a reset.

    Raises: LabError as ``environment`` and ``account``.
    """
    if name() == "aws":
        return f"aws {account()} {region()}"
    variables = environment()
    return f"local {variables['AWS_REGION']} {variables['AWS_ACCESS_KEY_ID']}"


def mqtt() -> MqttEndpoint:
    """Return where a device connects."""
    if name() == "aws":
        address = client("iot").describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
        host, _, port = address.partition(":")  # AWS names none; an embedded one, taken for an account, may
        return MqttEndpoint(host, int(port or AWS_MQTT_PORT), None)
    running = server.required(state_folder())
    return MqttEndpoint(running.mqtt_host, running.mqtt_port, Path(running.ca_file))
