"""`lab device`: a device's certificate, the board's settings, flashing, checking, and the twin."""

from __future__ import annotations

import click

from lab import contract, target, telemetry
from lab.device import secrets
from lab.device.identity import provision
from lab.device.twin import Twin


@click.group()
def device() -> None:
    """Provision a device, flash a Wio Terminal and check it, or let its twin publish."""


@device.command("provision")
@click.argument("device_id")
def provision_command(device_id: str) -> None:
    """Make a key, a certificate and a thing for DEVICE_ID. The key never leaves this computer."""
    identity = provision(device_id)
    click.echo(f"{identity.device_id}  certificate and key in {identity.folder}")


@device.command("secrets")
@click.argument("device_id")
@click.option("--wifi-name", envvar="LAB_WIFI_NAME", prompt="WiFi name", help="Network to join [LAB_WIFI_NAME].")
@click.option(
    "--wifi-password",
    envvar="LAB_WIFI_PASSWORD",
    prompt="WiFi password",
    hide_input=True,
    default="",
    show_default=False,
    help="Its password; asked for, or from LAB_WIFI_PASSWORD. Empty for an open network.",
)
@click.option("--host", help="Broker as the board reaches it: the address given to `lab up --lan`. Not needed on AWS.")
@click.option("--ntp", default=secrets.NTP_SERVER, show_default=True, help="Time server.")
def secrets_command(device_id: str, wifi_name: str, wifi_password: str, host: str | None, ntp: str) -> None:
    """Write the board's settings with DEVICE_ID's certificate and key, checked, into a private, git-ignored header."""
    broker = target.mqtt()
    wifi = secrets.Wifi(wifi_name, wifi_password)
    text = secrets.header(provision(device_id), wifi, host or broker.host, broker.port, ntp)
    click.echo(f"{device_id}  settings in {secrets.write(text, secrets.HEADER)}")


@device.command("twin")
@click.argument("device_id")
@click.option("--count", default=10, show_default=True, type=click.IntRange(1, 19_735), help="Readings to publish.")
def twin_command(device_id: str, count: int) -> None:
    """Publish readings of a real sensor as DEVICE_ID, by MQTT over mutual TLS. Exit status 1 unless all arrive."""
    readings = telemetry.renamed(telemetry.of_device("node-5", count), device_id)
    published = Twin(provision(device_id), target.mqtt()).publish_readings(readings)
    click.echo(f"{contract.topic(device_id)}  {published.published} published · {published.acknowledged} acknowledged")
    if published.acknowledged < published.published:
        raise click.exceptions.Exit(1)
