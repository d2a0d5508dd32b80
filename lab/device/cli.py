"""`lab device`: a device's certificate, and the device twin."""

from __future__ import annotations

import click

from lab import contract, target, telemetry
from lab.device.identity import provision
from lab.device.twin import Twin


@click.group()
def device() -> None:
    """Provision a device and let its twin publish."""


@device.command("provision")
@click.argument("device_id")
def provision_command(device_id: str) -> None:
    """Make a key, a certificate and a thing for DEVICE_ID. The key never leaves this computer."""
    identity = provision(device_id)
    click.echo(f"{identity.device_id}  certificate and key in {identity.folder}")


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
