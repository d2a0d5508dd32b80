"""`lab device`: a device's certificate, the board's settings, flashing, checking, and the twin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from lab import contract, stacks, target
from lab.device import desk, doctor, flash, outages, secrets, verify
from lab.device.identity import provision
from lab.device.status import parse


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
    help="Its WPA2 password; asked for, or from LAB_WIFI_PASSWORD.",
)
@click.option("--host", help="Broker as the board reaches it: the address given to `lab up --lan`. Not needed on AWS.")
@click.option("--ntp", default=secrets.NTP_SERVER, show_default=True, help="Time server.")
def secrets_command(device_id: str, wifi_name: str, wifi_password: str, host: str | None, ntp: str) -> None:
    """Write the board's settings with DEVICE_ID's certificate and key, checked, into a private, git-ignored header."""
    broker = target.mqtt()
    wifi = secrets.Wifi(wifi_name, wifi_password)
    text = secrets.header(provision(device_id), wifi, host or broker.host, broker.port, ntp)
    click.echo(f"{device_id}  settings in {secrets.write(text, secrets.HEADER)}")


@device.command("flash")
@click.option("--port", help="The board's port, when there are several.")
@click.option("--image", type=click.Path(path_type=Path), help="A built sketch (.bin or .uf2): copied, not built.")
def flash_command(port: str | None, image: Path | None) -> None:
    """Build and upload the sketch with arduino-cli or PlatformIO, or copy a built one onto the bootloader's drive."""
    if image is None:
        wio = flash.build_and_upload(port, click.echo)
    else:
        with click.progressbar(length=len(flash.as_uf2(image)), label="copying") as bar:
            wio = flash.copy_image(image, port, lambda done: bar.update(done - bar.pos))
    click.echo(f"{wio.port}  the board runs the sketch; next: lab device verify DEVICE_ID")


@device.command("verify")
@click.argument("device_id")
@click.option("--port", help="The board's port, when there are several.")
@click.option("--twin", "as_twin", is_flag=True, help="No board: the twin of DEVICE_ID, on a pseudo-terminal.")
@click.option("--seconds", default=verify.SECONDS, show_default=True, help="How long the board may take.")
def verify_command(device_id: str, port: str | None, as_twin: bool, seconds: float) -> None:
    """Read the board's status until its first message is acknowledged, then find that message in DynamoDB.

    Exit status 1 when a step fails; the step says what to do.
    """
    table = stacks.outputs("level1")["TableName"]
    place = desk.TWIN if as_twin else port or desk.BOARD
    with desk.lines(place, device_id) as lines:
        watched = verify.watch(_told(lines), seconds)
    found = verify.checks(watched, device_id)
    if all(check.passed for check in found):
        found.append(verify.stored(table, watched))
    _show(found)


def _told(lines: Iterable[str]) -> Iterator[str]:
    """Pass the lines on and say each change of state, so that waiting is seen."""
    before = ""
    for line in lines:
        status = parse(line)
        if status is not None and (now := f"{status.state}  {status.fault}") != before:
            click.echo(f"{status.uptime:5d} s  {now.removesuffix('  none')}")
            before = now
        yield line


def _show(found: Sequence[verify.Check]) -> None:
    for check in found:
        click.echo(f"{'✓' if check.passed else '✗'} {check.name:<21}{check.detail}")
    failed = next((check for check in found if not check.passed), None)
    if failed is not None:
        click.echo(f"→ {failed.cure}")
        raise click.exceptions.Exit(1)


@device.command("doctor")
def doctor_command() -> None:
    """Check the way to the board: tool, port, settings, certificate, broker. Exit status 1 when one is missing."""
    findings = doctor.examine(secrets.HEADER)
    for finding in findings:
        mark = "✗" if finding.cure else "✓"
        click.echo(f"{mark} {finding.subject:<14}{finding.detail}" + (f"  →  {finding.cure}" if finding.cure else ""))
    if any(finding.cure for finding in findings):
        raise click.exceptions.Exit(1)


@device.command("twin")
@click.argument("device_id")
@click.option("--count", default=10, show_default=True, type=click.IntRange(1, 19_735), help="Readings to take.")
@click.option("--outage", default=0.0, show_default=True, help="Minutes of its time without a broker.")
@click.option("--status", is_flag=True, help="Print the status lines, as the board writes them to serial.")
def twin_command(device_id: str, count: int, outage: float, status: bool) -> None:
    """Run the firmware's core as DEVICE_ID, one reading in five seconds of its time, over MQTT and mutual TLS.

    Its time passes as fast as the broker answers and ends now. Exit status 1 unless all readings arrive.
    """
    ran = outages.run(provision(device_id), target.mqtt(), count, outage, click.echo if status else None)
    click.echo(
        f"{contract.topic(device_id)}  {ran.taken} taken · {ran.acknowledged} acknowledged · {ran.dropped} dropped"
        + (f" · online again after {ran.recovery_s:.0f} s" if outage else "")
    )
    if ran.acknowledged < ran.taken:
        raise click.exceptions.Exit(1)
