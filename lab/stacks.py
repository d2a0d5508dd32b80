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
#: How the status of a stack begins whose creation failed, and of one that is not made for whatever reason.
FAILED: Final = ("CREATE_F", "ROLLBACK_")
UNMADE: Final = ("CREATE_IN", *FAILED)
#: The notebook that deploys a stack with the settings of the course.
LESSONS: Final = {"level1": "10", "datastreamer": "20", "level2": "36"}


def stages() -> tuple[str, ...]:
    """Return the stages that can be deployed, as infra/cdk/cdk.json lists them."""
    return tuple(_stages())


def protected(stage: str) -> bool:
    """Say whether a stage keeps its data and cannot be deleted by mistake."""
    return bool(_stages()[stage]["protected"])


def _stages() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((INFRA / "cdk.json").read_text())["context"]["stages"]
    return found


def prefix() -> str:
    """Return what stands before every physical name (``LAB_PREFIX``), so that a class shares an account.

    Raises: LabError when no name could begin so.
    """
    value = os.environ.get("LAB_PREFIX", "")
    module = _names_module()
    if module.PREFIX.fullmatch(value) is None:
        raise LabError(f"LAB_PREFIX is {value!r}; expected {module.PREFIX_WORDS}.", "Run `export LAB_PREFIX=aiko`.")
    return value


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

    Raises: LabError when the stack is not deployed or its creation did not end, with the command that deploys it.
    """
    described = describe(stack, stage)
    if described is None or described["StackStatus"].startswith(UNMADE):
        command = f"lab deploy {stack}" + ("" if stage == DEFAULT_STAGE else f" --stage {stage}")
        reason = f" Its status is {described['StackStatus']}." if described else ""
        raise LabError(
            f"The stack {name(stack, stage)} is not deployed.{reason}",
            f"Run notebook {LESSONS[stack]}, or `{command}`.",
        )
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


def stands(stack: str, stage: str = DEFAULT_STAGE) -> bool:
    """Say whether a stack's resources are there. A creation that failed leaves the stack's name and nothing else.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html (stack status codes)
    """
    found = describe(stack, stage)
    return found is not None and not found["StackStatus"].startswith((*UNMADE, "DELETE_"))


def settings(stack: str, stage: str = DEFAULT_STAGE) -> dict[str, str]:
    """Return the context with which a stack was deployed; empty when it is not, or when its creation failed."""
    if not stands(stack, stage):
        return {}
    return dict(_template(stack, stage).get("Metadata", {}).get("Settings", {}))


def kept(stack: str, stage: str = DEFAULT_STAGE) -> frozenset[str]:
    """Return the logical ids of a stack's resources that stay when the stack goes."""
    resources = _template(stack, stage).get("Resources", {})
    return frozenset(key for key, entry in resources.items() if entry.get("DeletionPolicy") == "Retain")


def _template(stack: str, stage: str) -> dict[str, Any]:
    """Return the template of a stack that is there."""
    body = target.client("cloudformation").get_template(StackName=name(stack, stage))["TemplateBody"]
    found: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
    return found


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
