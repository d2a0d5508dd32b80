"""Destroy a stack: release what its resources hold, then delete it by the CDK."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from lab import cdk, deploy, stacks, target
from lab.errors import LabError
from lab.release import empty_bucket, release

ATTEMPTS: Final = 3
"""Deliveries under way may write into a bucket after it was emptied; then it is emptied and deleted again."""


def destroy(stack: str, stage: str = stacks.DEFAULT_STAGE, watch: cdk.Watch = lambda _line: None) -> bool:
    """Delete a stack and the data in it; return false when it was not there.

    What a protected stage keeps when its stack goes stays as it is, with all that lies in it.

    A rule that feeds the stack's stream is updated first, so that it does not fail into its error log.
    Raises: LabError for a protected stack, or naming the resource that could not be deleted.
    """
    found = stacks.describe(stack, stage)
    if found is None:
        return False
    if found.get("EnableTerminationProtection"):
        raise LabError(
            f"{found['StackName']} is protected against deletion; its data would stay in any case.",
            f"Run `aws cloudformation update-termination-protection --no-enable-termination-protection "
            f"--stack-name {found['StackName']}` if you mean it.",
        )
    if stack == "datastreamer":
        _refuse_while_read(stage)
        _stop_feeding(stage, watch)
    own = _own_prefixes(found) if stack == "level2" and not stacks.protected(stage) else []
    kept = stacks.kept(stack, stage)
    with tempfile.TemporaryDirectory() as empty:
        assembly = _assembly(stack, stage, Path(empty))
        for attempt in range(1, ATTEMPTS + 1):
            for sentence in release(stacks.resources(stack, stage), kept):
                watch(sentence)
            try:
                cdk.destroy(assembly, stack, watch)
                break
            except LabError:
                if attempt == ATTEMPTS or stacks.describe(stack, stage) is None:
                    raise
    for bucket, prefix in own:  # when no job can write any more
        for sentence in empty_bucket(bucket, prefix):
            watch(sentence)
    shutil.rmtree(deploy.assembly_folder(stack, stage), ignore_errors=True)
    return True


def _refuse_while_read(stage: str) -> None:
    """Refuse to take the lake away from the Level 2 that stands on it: its table lies in the lake's database.

    Raises: LabError.
    """
    if stacks.describe("level2", stage) is not None:
        raise LabError(
            f"{stacks.name('level2', stage)} reads {stacks.name('datastreamer', stage)}.",
            f"Run `lab destroy level2 --stage {stage}` first.",
        )


def _own_prefixes(described: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return where Level 2 keeps what it made in the lake's bucket: (bucket, prefix) pairs."""
    values = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    return [
        (values["AnalyticsBucketName"], values[key])
        for key in ("AnomaliesPrefix", "ModelsPrefix", "CheckpointPrefix", "MetricsPrefix", "DigestsPrefix")
        if key in values
    ]


def _stop_feeding(stage: str, watch: cdk.Watch) -> None:
    """Update Level 1 so that its rule no longer writes to a stage's stream."""
    context = stacks.settings("level1")
    fed = [name for name in context.get("feedStages", "").split(",") if name]
    if stage in fed:
        rest = ",".join(name for name in fed if name != stage)
        deploy.deploy("level1", context.get("stage", stacks.DEFAULT_STAGE), {"feedStages": rest}, watch)


def _assembly(stack: str, stage: str, folder: Path) -> cdk.Assembly:
    """Return the assembly that was deployed here, or one made anew from the deployed settings."""
    account, region = target.account(), target.region()
    kept = cdk.Assembly(deploy.assembly_folder(stack, stage))
    if kept.environment(stack) == f"aws://{account}/{region}":
        return kept
    context = {**stacks.settings(stack, stage), "stage": stage, **deploy.place(account, region)}
    return cdk.synthesise({stack: context}, folder)


@click.command("destroy")
@click.argument("stack")
@click.option("--stage", default=stacks.DEFAULT_STAGE, show_default=True, help="Stage of infra/cdk/cdk.json.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy_command(stack: str, stage: str, yes: bool) -> None:
    """Delete STACK with everything in it, data too. A protected stage is refused."""
    name = stacks.name(stack, stage)
    account = target.account()
    if stacks.describe(stack, stage) is None:
        click.echo(f"{name} is not deployed in account {account}")
        return
    if not yes:
        click.confirm(f"Delete {name} in account {account}, region {target.region()}, with all its data?", abort=True)
    destroy(stack, stage, deploy.progress(click.echo))
    click.echo(f"{name}  deleted")
