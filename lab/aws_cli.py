"""Commands for the AWS at hand: up, down, status, env, reset."""

from __future__ import annotations

import dataclasses
import json
import shlex

import click

from lab import target
from lab.errors import LabError
from lab.local import server


@click.command()
@click.option("--lan", metavar="ADDRESS", help="Let a board on your network reach MQTT (nothing else) at this address.")
def up(lan: str | None) -> None:
    """Start the embedded AWS. It answers when the command returns."""
    running = server.start(target.state_folder(), target.region(), lan or "127.0.0.1")
    took = f"{running.seconds:.1f} s" if running.seconds else "ran already"
    click.echo(f"embedded AWS  {running.endpoint} · mqtts://{running.mqtt_host}:{running.mqtt_port}  {took}")


@click.command()
def down() -> None:
    """Stop the embedded AWS; what it holds stays for the next start."""
    click.echo("stopped" if server.stop(target.state_folder()) else "it was not running")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(as_json: bool) -> None:
    """Say where AWS answers: here, or with LAB_TARGET=aws in your account.

    Exit status: 1 when the embedded AWS does not run, 2 when the account refuses you.
    """
    if target.name() == "aws":
        _account_status(as_json)
        return
    running = server.status(target.state_folder())
    if as_json:
        click.echo(json.dumps({"running": running is not None, **(dataclasses.asdict(running) if running else {})}))
    elif running:
        click.echo(f"running  {running.endpoint} · mqtts://{running.mqtt_host}:{running.mqtt_port} · {running.region}")
    else:
        click.echo("not running; start it by `lab up`")
    if running is None:
        raise click.exceptions.Exit(1)


def _account_status(as_json: bool) -> None:
    """Print the account that the credentials are of, and where devices connect."""
    account, region, mqtt = target.account(), target.region(), target.mqtt()
    if as_json:
        place = {"account": account, "region": region, "mqtt_host": mqtt.host, "mqtt_port": mqtt.port}
        click.echo(json.dumps({"running": True, **place}))
    else:
        click.echo(f"account  {account} · mqtts://{mqtt.host}:{mqtt.port} · {region}")


@click.command()
def env() -> None:
    """Print export lines for any AWS client: eval "$(lab env)"."""
    for name, value in target.environment().items():
        click.echo(f"export {name}={shlex.quote(value)}")


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Stop the embedded AWS and forget everything in it. A real account is never touched."""
    if target.name() != "local":
        raise LabError("`lab reset` empties the embedded AWS only.", "Use `lab clean --verify` for an account.")
    if not yes:
        click.confirm("Remove all data of the embedded AWS?", abort=True)
    server.reset(target.state_folder())
    click.echo("empty; start anew by `lab up`")
