"""What `lab deploy` and its like refuse, before anything is changed or any process is started."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import bootstrap, cdk, clean, deploy, destroy, preflight, stacks, target
from lab.errors import LabError


def lab(state: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person does, in an environment without any AWS settings."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(state), "LAB_STATE": str(state), **variables}
    command = [sys.executable, "-m", "lab.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("command", [["deploy", "level1", "--yes"], ["destroy", "level1", "--yes"], ["clean", "--yes"]])
def test_without_the_embedded_aws_a_command_says_how_to_start_it(tmp_path: Path, command: list[str]) -> None:
    done = lab(tmp_path, *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: The embedded AWS is not running. Run `lab up`. [local.server.required]\n"


def test_an_account_without_credentials_says_how_to_get_them(tmp_path: Path) -> None:
    done = lab(tmp_path, "deploy", "level1", "--yes", LAB_TARGET="aws", AWS_EC2_METADATA_DISABLED="true")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: No AWS credentials were found.")
    assert done.stderr.count("\n") == 1


class Expired:
    """Answers every call as AWS does when the session is over."""

    def __getattr__(self, operation: str) -> Any:
        def refuse(**_arguments: Any) -> Any:
            detail = {"Code": "ExpiredToken", "Message": "The security token included in the request is expired"}
            raise ClientError({"Error": detail}, operation)

        return refuse


@pytest.mark.parametrize("stack", ["level1", "datastreamer"])
def test_expired_credentials_are_told_before_anything_is_synthesised(
    monkeypatch: pytest.MonkeyPatch, stack: str
) -> None:
    monkeypatch.setattr(target, "client", lambda service: Expired())
    monkeypatch.setattr(cdk, "synthesise", lambda *_: pytest.fail("synthesised"))
    with pytest.raises(LabError, match="is expired") as refused:
        deploy.plan(stack)
    assert "aws sso login" in refused.value.remedy


@pytest.mark.parametrize(
    ("stack", "stage", "told"),
    [
        ("levl1", "staging", "There is no stack 'levl1'. Did you mean 'level1'?"),
        ("everything", "staging", "Choose one of level1, datastreamer, level2."),
        ("datastreamer", "production", "There is no stage 'production'. Choose one of prod, staging."),
    ],
)
def test_an_unknown_stack_or_stage_is_refused_with_the_nearest(stack: str, stage: str, told: str) -> None:
    for action in (deploy.plan, destroy.destroy, stacks.outputs):
        with pytest.raises(LabError) as refused:
            action(stack, stage)
        assert told in str(refused.value)


def test_a_setting_without_a_value_is_refused() -> None:
    with pytest.raises(LabError, match="--set firehoseBufferSeconds has no value"):
        deploy.parse_settings(["firehoseBufferSeconds"])
    assert deploy.parse_settings(["etlSchedule=rate(1 hour)", "a=b=c"]) == {"etlSchedule": "rate(1 hour)", "a": "b=c"}


TEMPLATE: Mapping[str, Any] = {"Resources": {"Rule": {"Type": "AWS::IoT::TopicRule"}}}


def test_a_region_without_a_service_is_refused_by_the_services_name() -> None:
    preflight.check(TEMPLATE, "111122223333", "ap-northeast-1")
    with pytest.raises(LabError, match="IoT is not offered in the region eu-central-2"):
        preflight.check(TEMPLATE, "111122223333", "eu-central-2")


class QuickSight:
    """Answers as QuickSight does for an account. status: of the subscription, or None when there is none."""

    def __init__(self, status: str | None) -> None:
        self.status = status

    def describe_account_subscription(self, AwsAccountId: str) -> dict[str, Any]:  # noqa: N803  (the parameter's name in AWS)
        if self.status is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "Describe")
        return {"AccountInfo": {"AccountSubscriptionStatus": self.status}}


@pytest.mark.parametrize(
    ("status", "told"), [(None, "does not answer"), ("UNSUBSCRIBED", "not ready"), ("ACCOUNT_CREATED", "")]
)
def test_quicksight_is_asked_for_before_its_resources_are_deployed(
    monkeypatch: pytest.MonkeyPatch, status: str | None, told: str
) -> None:
    monkeypatch.setattr(target, "client", lambda service, region=None: QuickSight(status))
    template = {"Resources": {"Source": {"Type": "AWS::QuickSight::DataSource", "Properties": {}}}}
    if told:
        with pytest.raises(LabError, match=told) as refused:
            preflight.check(template, "111122223333", "ap-northeast-1")
        assert "Sign up for QuickSight" in refused.value.remedy
    else:
        preflight.check(template, "111122223333", "ap-northeast-1")


TEACHER = "arn:aws:quicksight:us-east-1:111122223333:user/default/teacher"


class Identities:
    """Answers as QuickSight does in the region where an account keeps its users. asked: what was asked."""

    def __init__(self, *known: str) -> None:
        self.known = known
        self.asked: list[dict[str, str]] = []

    def describe_user(self, **asked: str) -> dict[str, Any]:
        return self._answer(asked, asked["UserName"])

    def describe_group(self, **asked: str) -> dict[str, Any]:
        return self._answer(asked, asked["GroupName"])

    def _answer(self, asked: dict[str, str], name: str) -> dict[str, Any]:
        self.asked.append(asked)
        if name not in self.known:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "DescribeUser")
        return {}


def test_the_owner_of_quicksights_resources_is_looked_for_where_identities_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    identities, regions = Identities("teacher", "teachers"), []

    def client(service: str, region: str | None = None) -> Identities:
        regions.append((service, region))
        return identities

    monkeypatch.setattr(target, "client", client)
    preflight.check_owner("111122223333", TEACHER)
    preflight.check_owner("111122223333", TEACHER.replace("user/default/teacher", "group/default/teachers"))
    assert regions == [("quicksight", "us-east-1")] * 2
    asked = {"AwsAccountId": "111122223333", "Namespace": "default"}
    assert identities.asked == [{**asked, "UserName": "teacher"}, {**asked, "GroupName": "teachers"}]

    with pytest.raises(LabError, match="user/default/nobody is not to be found") as refused:
        preflight.check_owner("111122223333", TEACHER.replace("teacher", "nobody"))
    assert "aws quicksight list-users" in refused.value.remedy
    with pytest.raises(LabError, match="belongs to account 111122223333, not to 444455556666"):
        preflight.check_owner("444455556666", TEACHER)


def test_the_owners_are_those_that_the_template_names() -> None:
    source = {"Type": "AWS::QuickSight::DataSource", "Properties": {"Permissions": [{"Principal": TEACHER}]}}
    assert preflight.owners({"Resources": {"A": source, "B": source, "C": {"Type": "AWS::S3::Bucket"}}}) == {TEACHER}


class Assembly(cdk.Assembly):
    """An assembly that needs a bootstrap of version 6."""

    def bootstrap_version(self, stack: str) -> int:
        return 6


@pytest.mark.parametrize(("found", "missing"), [(0, True), (6, False), (30, False)])
def test_a_missing_bootstrap_is_part_of_the_plan(monkeypatch: pytest.MonkeyPatch, found: int, missing: bool) -> None:
    monkeypatch.setattr(bootstrap, "version", lambda: found)
    step = deploy.Step("level1", "staging", Assembly(Path()), "", None)  # type: ignore[arg-type]
    assert deploy._needs_bootstrap([step]) is missing


def test_a_bootstrap_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "version", lambda: 5)
    step = deploy.Step("level1", "staging", Assembly(Path()), "", None)  # type: ignore[arg-type]
    with pytest.raises(LabError, match="has version 5; the stacks need 6"):
        deploy._needs_bootstrap([step])


def test_a_protected_stack_is_not_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    described = {"StackName": "datastreamer-prod", "EnableTerminationProtection": True}
    monkeypatch.setattr(stacks, "describe", lambda stack, stage: described)
    with pytest.raises(LabError, match="datastreamer-prod is protected against deletion"):
        destroy.destroy("datastreamer", "prod")


def test_a_kept_stack_makes_the_cleaning_fail_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(stack: str, stage: str, watch: cdk.Watch) -> bool:
        raise LabError("datastreamer-prod is protected.", "")

    monkeypatch.setattr(clean, "deployed", lambda: [("datastreamer", "prod")])
    monkeypatch.setattr(destroy, "destroy", refuse)
    assert clean.clean() == clean.Cleaning((), ("datastreamer-prod is protected.",))


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        (
            [
                "s | 3/9 | 6:39:37 AM | CREATE_FAILED | AWS::S3::Bucket | level1/Spill Resource creation cancelled",
                "s | 4/9 | 6:39:37 AM | CREATE_FAILED | AWS::Athena::DataCatalog | level1/Catalog (C1) already exists",
                "❌  level1 failed: ToolkitError: The stack named s failed to deploy",
            ],
            "AWS::Athena::DataCatalog",
        ),
        (
            ["stage is 'x'; cdk.json lists prod, staging.", "python app.py: Subprocess exited with error 2"],
            "stage is 'x'",
        ),
        ([], "The stacks could not be synthesised."),
    ],
)
def test_a_failure_is_told_by_the_line_that_explains_it(lines: list[str], cause: str) -> None:
    assert cause in cdk._cause(lines, "The stacks could not be synthesised.")


@pytest.mark.parametrize("prefix", ["My-Class", "1a", "datastreamer"])
def test_a_prefix_with_which_no_name_can_begin_is_refused_before_aws_is_asked(
    monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    monkeypatch.setenv("LAB_PREFIX", prefix)
    monkeypatch.setattr(target, "client", lambda service: pytest.fail("asked"))
    for action in (deploy.plan, destroy.destroy, stacks.outputs):
        with pytest.raises(LabError, match=f"LAB_PREFIX is '{prefix}'; expected lower-case letters"):
            action("level1", "staging")


def test_an_assembly_of_another_account_is_not_used_to_delete_a_stack(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    manifest = {"artifacts": {"level1": {"environment": "aws://444455556666/ap-northeast-1", "properties": {}}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    made = cdk.Assembly(tmp_path / "new")
    asked: list[Mapping[str, Mapping[str, str]]] = []
    monkeypatch.setenv("LAB_PREFIX", "ann")
    monkeypatch.setattr(deploy, "assembly_folder", lambda stack, stage: tmp_path)
    monkeypatch.setattr(target, "account", lambda: "111122223333")
    monkeypatch.setattr(stacks, "settings", lambda stack, stage: {"logRetentionDays": "7"})
    monkeypatch.setattr(cdk, "synthesise", lambda contexts, folder: asked.append(contexts) or made)
    assert destroy._assembly("level1", "prod", tmp_path) is made
    where = {"account": "111122223333", "region": target.region(), "prefix": "ann"}
    assert asked == [{"level1": {"logRetentionDays": "7", "stage": "prod", **where}}]
    monkeypatch.setattr(target, "account", lambda: "444455556666")
    monkeypatch.setenv("AWS_REGION", "ap-northeast-1")
    assert destroy._assembly("level1", "prod", tmp_path) == cdk.Assembly(tmp_path)


def test_stack_names_follow_the_stage_and_the_class_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stacks.name("level1", "prod") == "attempt-iot-monitoring-stack"
    assert stacks.name("datastreamer", "prod") == "datastreamer-prod"
    assert stacks.name("level2") == "level2-staging"
    monkeypatch.setenv("LAB_PREFIX", "ann")
    assert stacks.name("datastreamer", "prod") == "ann-datastreamer-prod"
