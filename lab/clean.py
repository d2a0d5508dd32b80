"""Remove everything that the lab made in the target, and prove that nothing is left."""

from __future__ import annotations

from dataclasses import dataclass

import click

from lab import bootstrap, cdk, deploy, destroy, leftovers, stacks, target
from lab.errors import LabError


@dataclass(frozen=True)
class Cleaning:
    """What a cleaning did. destroyed: names of deleted stacks; kept: why a stack stayed, one sentence each."""

    destroyed: tuple[str, ...]
    kept: tuple[str, ...]


def deployed() -> list[tuple[str, str]]:
    """Return the deployed stacks as (stack, stage), in the order in which they are destroyed with the least work.

    Level 1 goes before the datastreamer: its rule feeds the stream, and need not be updated when it goes itself.
    """
    level2, lakes = ([(stack, stage) for stage in stacks.stages()] for stack in ("level2", "datastreamer"))
    return [pair for pair in [*level2, ("level1", stacks.DEFAULT_STAGE), *lakes] if stacks.describe(*pair)]


def clean(watch: cdk.Watch = lambda _line: None) -> Cleaning:
    """Destroy every stack of the lab; a protected one is kept, and said so."""
    destroyed, kept = [], []
    for stack, stage in deployed():
        try:
            destroy.destroy(stack, stage, watch)
            destroyed.append(stacks.name(stack, stage))
        except LabError as error:
            kept.append(str(error))
    return Cleaning(tuple(destroyed), tuple(kept))


def verify() -> list[leftovers.Leftover]:
    """Return what is left of the lab in the target, found by name and by tag."""
    return leftovers.find()


@click.command("clean")
@click.option("--verify", "check", is_flag=True, help="Look for leftovers by name and by tag; exit status 1 if any.")
@click.option("--bootstrap", "also_bootstrap", is_flag=True, help="Also remove the CDK's bootstrap, if nobody uses it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def clean_command(check: bool, also_bootstrap: bool, yes: bool) -> None:
    """Remove every stack of the lab with its data, devices and logs."""
    account, found = target.account(), deployed()
    for stack, stage in found:
        click.echo(f"{stacks.name(stack, stage)}  in account {account}, region {target.region()}")
    if found and not yes:
        click.confirm("Delete them with all their data?", abort=True)
    done = clean(deploy.progress(click.echo))
    for name in done.destroyed:
        click.echo(f"{name}  deleted")
    for sentence in done.kept:
        click.echo(sentence, err=True)
    if also_bootstrap and bootstrap.remove():
        click.echo(f"{bootstrap.STACK}  deleted")
    left = verify() if check else []
    for entry in left:
        click.echo(f"left  {entry.service:15} {entry.name}  (found by {entry.found_by})", err=True)
    if left or done.kept:
        raise click.exceptions.Exit(1)
    if check:
        stays = bootstrap.version() > 0
        click.echo("nothing is left" + ("; the CDK's bootstrap stays for other applications" if stays else ""))
