"""Deploy a stack: show account, region, changes and cost, ask, deploy by the CDK, return the outputs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from lab import bootstrap, cdk, cost, preflight, stacks, target
from lab.errors import LabError

DEFAULTS: Final[dict[str, dict[str, str]]] = {"level1": {"dynamodbConnector": "true"}}
"""Settings that a stack begins with here, beyond the app's own defaults: the notebooks query through the connector."""


@dataclass(frozen=True)
class Step:
    """One stack of a plan. diff: what would change, as the CDK shows it; estimate: what the stack costs."""

    stack: str
    stage: str
    assembly: cdk.Assembly
    diff: str
    estimate: cost.Estimate

    @property
    def changes(self) -> bool:
        """Whether a deployment would do anything."""
        return "There were no differences" not in self.diff


@dataclass(frozen=True)
class Plan:
    """What a deployment will do. bootstrap: whether the CDK's own stack has to be made first."""

    account: str
    region: str
    bootstrap: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Deployment:
    """What was deployed. outputs: of the stack asked for; changed: false when everything was as it should be."""

    stack: str
    name: str
    account: str
    region: str
    outputs: Mapping[str, str]
    changed: bool
    seconds: float


def plan(stack: str, stage: str = stacks.DEFAULT_STAGE, settings: Mapping[str, str] | None = None) -> Plan:
    """Return what a deployment would do; nothing is changed.

    Parameters: settings, context keys of infra/cdk/settings.py; those not named keep their deployed values.
    Raises: LabError when target, credentials, stack, stage, a setting or the bootstrap is wrong.
    """
    stacks.name(stack, stage)  # refuses stack, stage and prefix before anything is asked
    account, region = target.account(), target.region()
    _keep_protection(stack, stage)
    if stack == "level2":
        _require_lake(stage)
    chosen = {**DEFAULTS.get(stack, {}), **stacks.settings(stack, stage), **(settings or {}), "stage": stage}
    contexts = {stack: _with_feeds(chosen) if stack == "level1" else chosen}
    if stack == "datastreamer":
        contexts |= _level1_feeding(stage)
    where = place(account, region)
    assembly = cdk.synthesise({name: {**own, **where} for name, own in contexts.items()}, assembly_folder(stack, stage))
    for name in contexts:
        preflight.check(assembly.template(name), account, region)
    steps = tuple(_step(assembly, name, own["stage"]) for name, own in contexts.items())
    return Plan(account, region, _needs_bootstrap(steps), steps)


def execute(planned: Plan, watch: cdk.Watch = lambda _line: None) -> Deployment:
    """Carry a plan out.

    Parameters: watch, called with each line of progress.
    Raises: LabError naming the resource that failed; CloudFormation has then rolled that stack back.
    """
    began = time.monotonic()
    if planned.bootstrap:
        cdk.bootstrap(planned.account, planned.region, watch)
    changed = [step for step in planned.steps if step.changes]
    for step in changed:
        cdk.deploy(step.assembly, [step.stack], watch)
    first = planned.steps[0]
    return Deployment(
        first.stack,
        first.assembly.stack_name(first.stack),
        planned.account,
        planned.region,
        stacks.outputs(first.stack, first.stage),
        bool(changed),
        time.monotonic() - began,
    )


def deploy(
    stack: str,
    stage: str = stacks.DEFAULT_STAGE,
    settings: Mapping[str, str] | None = None,
    watch: cdk.Watch = lambda _line: None,
) -> Deployment:
    """Plan and carry out at once, as a notebook does after it has shown the plan's parts.

    Raises: LabError as ``plan`` and ``execute``.
    """
    return execute(plan(stack, stage, settings), watch)


def _keep_protection(stack: str, stage: str) -> None:
    """Refuse a stage that would take a deployed stack's protection away. Level 1 has one name for all its stages.

    Raises: LabError with the command that keeps it.
    """
    found = stacks.describe(stack, stage) or {}
    if found.get("EnableTerminationProtection") and not stacks.protected(stage):
        deployed = stacks.settings(stack, stage).get("stage", "prod")
        raise LabError(
            f"{found['StackName']} is deployed as the protected stage {deployed}; {stage} would let its data go.",
            f"Run `lab deploy {stack} --stage {deployed}`.",
        )


def _require_lake(stage: str) -> None:
    """Refuse Level 2 without the lake that it reads.

    Raises: LabError with the command that deploys it.
    """
    if not stacks.stands("datastreamer", stage):
        raise LabError(
            f"Level 2 reads the readings of {stacks.name('datastreamer', stage)}, which is not deployed.",
            f"Run `lab deploy datastreamer --stage {stage}` first.",
        )


def _with_feeds(context: Mapping[str, str]) -> dict[str, str]:
    """Return Level 1's context with the stages whose stream is there, unless it names them itself."""
    if "feedStages" in context:
        return dict(context)
    fed = [name for name in stacks.stages() if stacks.stands("datastreamer", name)]
    return {**context, "feedStages": ",".join(fed)} if fed else dict(context)


def _level1_feeding(stage: str) -> dict[str, dict[str, str]]:
    """Return Level 1's context when it is deployed and does not feed a stage yet: it is updated with the stream."""
    if not stacks.stands("level1"):
        return {}
    context = {"stage": stacks.DEFAULT_STAGE, **stacks.settings("level1")}
    fed = [name for name in context.get("feedStages", "").split(",") if name]
    if stage in fed:
        return {}
    return {"level1": {**context, "feedStages": ",".join([*fed, stage])}}


def place(account: str, region: str) -> dict[str, str]:
    """Return the settings that say where, and for whom."""
    prefix = stacks.prefix()
    return {"account": account, "region": region, **({"prefix": prefix} if prefix else {})}


def _step(assembly: cdk.Assembly, stack: str, stage: str) -> Step:
    """Compare one stack with what is deployed and reckon its cost."""
    found = cost.estimate(assembly.template(stack))
    return Step(stack, stage, assembly, _failure(stack, stage) or cdk.diff(assembly, stack), found)


def _failure(stack: str, stage: str) -> str:
    """Return what there is to do about a stack whose creation failed, or nothing.

    CloudFormation keeps its template, so that a comparison would find no difference to what is not there.
    """
    status = (stacks.describe(stack, stage) or {}).get("StackStatus", "")
    if not status.startswith(stacks.FAILED):
        return ""
    return f"Its creation failed (status {status}); it is removed and made anew."


def assembly_folder(stack: str, stage: str) -> Path:
    """Return where the cloud assembly of a stack is kept, so that it can be destroyed without synthesis."""
    return target.state_folder() / "cdk" / f"{target.name()}-{stacks.name(stack, stage)}"


def _needs_bootstrap(steps: Sequence[Step]) -> bool:
    """Say whether the bootstrap is missing.

    Raises: LabError when it is there and too old; replacing another team's bootstrap is not ours to do.
    """
    found = bootstrap.version()
    wanted = max(step.assembly.bootstrap_version(step.stack) for step in steps)
    if 0 < found < wanted:
        raise LabError(
            f"The account's CDK bootstrap has version {found}; the stacks need {wanted}.", "Run `cdk bootstrap` anew."
        )
    return found == 0


def describe(planned: Plan) -> list[str]:
    """Return a plan as lines for a person."""
    lines = [f"account  {planned.account}", f"region   {planned.region}"]
    if planned.bootstrap:
        lines.append("first    the CDK's bootstrap is missing: stack CDKToolkit (a bucket, five roles) will be made")
    for step in planned.steps:
        lines += [f"stack    {step.assembly.stack_name(step.stack)}", step.diff]
        lines.append(f"cost     {cost.sentence(step.estimate, planned.region)}")
    return lines


def parse_settings(pairs: Sequence[str]) -> dict[str, str]:
    """Return ``KEY=VALUE`` words as settings.

    Raises: LabError for a word without an equals sign.
    """
    for pair in pairs:
        if "=" not in pair:
            raise LabError(
                f"--set {pair} has no value.", "Write --set KEY=VALUE; infra/cdk/settings.py lists the keys."
            )
    return dict(pair.split("=", 1) for pair in pairs)


def progress(say: Callable[[str], None]) -> cdk.Watch:
    """Return a watcher that says only the lines which tell a person something: resources done, failures, results."""

    def watch(line: str) -> None:
        if any(mark in line for mark in ("_COMPLETE", "FAILED", "ROLLBACK", "✅", "❌", "rror")):
            say(line)

    return watch


@click.command("deploy")
@click.argument("stack")
@click.option("--stage", default=stacks.DEFAULT_STAGE, show_default=True, help="Stage of infra/cdk/cdk.json.")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting; infra/cdk/settings.py lists them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--plan", "only_plan", is_flag=True, help="Show what would be done, and do nothing.")
def deploy_command(stack: str, stage: str, pairs: tuple[str, ...], yes: bool, only_plan: bool) -> None:
    """Deploy STACK: level1, datastreamer or level2, to the embedded AWS or to your account.

    Shows account, region, the changes and a dated cost estimate first.
    """
    planned = plan(stack, stage, parse_settings(pairs))
    for line in describe(planned):
        click.echo(line)
    if only_plan:
        return
    if not yes:
        click.confirm("Deploy?", abort=True)
    done = execute(planned, progress(click.echo))
    state = "deployed" if done.changed else "no changes"
    click.echo(f"{done.name}  {state}  {done.seconds:.1f} s")
    for key, value in sorted(done.outputs.items()):
        click.echo(f"  {key:24} {value}")
