"""The stacks as CloudFormation knows them: their names, what they put out, whether they are there."""

from __future__ import annotations

import difflib
import importlib.util
import json
import os
import sys
from functools import cache
from types import ModuleType
from typing import Any, Final

from lab import target
from lab.errors import LabError

INFRA: Final = target.ROOT / "infra" / "cdk"
STACKS: Final = ("level1", "datastreamer", "level2")
DEFAULT_STAGE: Final = "staging"


def stages() -> tuple[str, ...]:
    """Return the stages that can be deployed, as infra/cdk/cdk.json lists them."""
    return tuple(json.loads((INFRA / "cdk.json").read_text())["context"]["stages"])


def prefix() -> str:
    """Return what stands before every physical name (``LAB_PREFIX``), so that a class shares an account."""
    return os.environ.get("LAB_PREFIX", "")


def deployable() -> tuple[str, ...]:
    """Return the stacks that the app has."""
    return tuple(stack for stack in STACKS if (INFRA / "stacks" / f"{stack}.py").exists())


def check(stack: str, stage: str) -> None:
    """Refuse a stack or a stage that does not exist.

    Raises: LabError, naming the nearest one that does.
    """
    for kind, value, known in (("stack", stack, STACKS), ("stage", stage, stages())):
        if value not in known:
            near = difflib.get_close_matches(value, known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Choose one of {', '.join(known)}."
            raise LabError(f"There is no {kind} {value!r}.", hint)


def name(stack: str, stage: str = DEFAULT_STAGE) -> str:
    """Return a stack's name in CloudFormation.

    Parameters: stack, one of ``STACKS``; stage, of the datastreamer and of Level 2 (Level 1 has one instance).
    Raises: LabError for an unknown stack or stage.
    """
    check(stack, stage)
    return str(getattr(names(stage), f"{stack}_stack"))


def names(stage: str, account: str = "000000000000", region: str = target.DEFAULT_REGION) -> Any:
    """Return the physical names as infra/cdk/names.py decides them."""
    return _names_module().Names(prefix(), stage, account, region)


def outputs(stack: str, stage: str = DEFAULT_STAGE) -> dict[str, str]:
    """Return a deployed stack's outputs by key.

    Raises: LabError when the stack is not deployed, with the command that deploys it.
    """
    described = describe(stack, stage)
    if described is None:
        command = f"lab deploy {stack}" + ("" if stage == DEFAULT_STAGE else f" --stage {stage}")
        raise LabError(f"The stack {name(stack, stage)} is not deployed.", f"Run `{command}`.")
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def describe(stack: str, stage: str = DEFAULT_STAGE) -> dict[str, Any] | None:
    """Return CloudFormation's description of a stack, or None when there is no such stack."""
    from botocore.exceptions import ClientError

    wanted = name(stack, stage)
    try:
        answer = target.client("cloudformation").describe_stacks(StackName=wanted)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError" and "does not exist" in str(error):
            return None
        raise LabError(f"CloudFormation refused: {error}.", "Check the credentials and the region.") from error
    found: dict[str, Any] = answer["Stacks"][0]
    return None if found["StackStatus"] in ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS") else found


def settings(stack: str, stage: str = DEFAULT_STAGE) -> dict[str, str]:
    """Return the context with which a stack was deployed; empty when it is not deployed."""
    if describe(stack, stage) is None:
        return {}
    body = target.client("cloudformation").get_template(StackName=name(stack, stage))["TemplateBody"]
    template = json.loads(body) if isinstance(body, str) else body
    return dict(template.get("Metadata", {}).get("Settings", {}))


def resources(stack: str, stage: str = DEFAULT_STAGE) -> list[dict[str, Any]]:
    """Return a deployed stack's resources as ListStackResources gives them."""
    pages = target.client("cloudformation").get_paginator("list_stack_resources")
    return [
        summary for page in pages.paginate(StackName=name(stack, stage)) for summary in page["StackResourceSummaries"]
    ]


@cache
def _names_module() -> ModuleType:
    """Load infra/cdk/names.py, which imports nothing of the CDK, by its path: the names are decided there alone."""
    spec = importlib.util.spec_from_file_location("infra_cdk_names", INFRA / "names.py")
    if spec is None or spec.loader is None:
        raise LabError("infra/cdk/names.py is missing.", "Run `git checkout infra/cdk`.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
