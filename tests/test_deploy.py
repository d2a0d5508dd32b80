"""The life of every stack on the embedded AWS, by the real CDK: deploy, update, rollback, destroy, clean."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from lab import bootstrap, cdk, clean, deploy, destroy, leftovers, release, stacks, target
from lab.errors import LabError
from tests.conftest import EmbeddedAws, embedded_aws
from tests.infra.in_process import quick_synthesis  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow
TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An embedded AWS of these tests alone: they ask what is left in the whole account."""
    with embedded_aws(tmp_path_factory.mktemp("lab")) as own:
        yield own
        clean.clean()
        assert leftovers.find() == []


def status(stack: str) -> str:
    described = stacks.describe(stack)
    assert described is not None
    return str(described["StackStatus"])


def test_level_1_is_deployed_by_the_command_line_and_a_second_time_there_is_nothing_to_do(account: Any) -> None:
    for told in ("deployed", "no changes"):
        done = lab("deploy", "level1", "--yes", "--set", "dynamodbConnector=false")
        assert done.returncode == 0, done.stderr
        assert f"attempt-iot-monitoring-stack  {told}" in done.stdout
        assert "account  000000000000" in done.stdout
        assert "USD a month" in done.stdout
    assert "There were no differences" in done.stdout
    assert status("level1") == "CREATE_COMPLETE"
    assert stacks.outputs("level1")["TableName"] == "attempt-dynamodb-sensor-data"


def test_what_would_change_is_plain_text_where_a_kernel_asks_for_colours(
    account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as ipykernel sets it for whatever a notebook starts
    diff = deploy.plan("level1", settings={"dynamodbConnector": "true"}).steps[0].diff
    assert "[+] AWS::Athena::DataCatalog" in diff
    assert "\x1b" not in diff


def test_a_prefix_too_long_for_bucket_names_is_refused_before_anything_is_made(account: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_PREFIX", "averylongprefix")
        done = lab("deploy", "datastreamer", "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert "averylongprefix-attempt-s3-athena-results-000000000000-ap-northeast-1 has 69 characters" in done.stderr
    assert "Choose another prefix" in done.stderr
    assert not any("averylongprefix" in entry["StackName"] for entry in cloudformation_stacks(account))


@pytest.mark.usefixtures("quick_synthesis")
def test_an_update_that_fails_is_rolled_back_told_by_its_resource_and_can_be_mended(account: Any) -> None:
    deploy.deploy("level1", settings={"dynamodbConnector": "false"})
    before = stacks.outputs("level1")
    athena = account.client("athena")
    in_the_way = {"Name": "attempt-athena-catalog-dynamodb", "Type": "LAMBDA"}
    athena.create_data_catalog(**in_the_way, Parameters={"function": "arn:aws:lambda:ap-northeast-1:1:function:f"})
    with pytest.raises(LabError, match="AWS::Athena::DataCatalog"):
        deploy.deploy("level1", settings={"dynamodbConnector": "true", "logRetentionDays": "14"})
    assert status("level1") == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.outputs("level1") == before
    assert retention_days(account) == 30

    athena.delete_data_catalog(Name=in_the_way["Name"])
    lines: list[str] = []
    updated = deploy.deploy(
        "level1", settings={"dynamodbConnector": "true", "logRetentionDays": "7"}, watch=lines.append
    )
    assert updated.changed
    assert updated.outputs["CatalogName"] == "attempt-athena-catalog-dynamodb"
    assert any("_COMPLETE" in line and "AWS::Athena::DataCatalog" in line for line in lines)
    assert status("level1") == "UPDATE_COMPLETE"
    assert retention_days(account) == 7
    assert stacks.settings("level1")["logRetentionDays"] == "7"


@pytest.mark.usefixtures("quick_synthesis")
def test_a_name_that_is_taken_is_told_with_its_resource_and_the_stack_counts_as_not_deployed(account: Any) -> None:
    bucket = stacks.names("staging", account.running.account, account.running.region).data_bucket
    s3 = account.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": account.running.region})
    told = rf"Data\w*: Resource of type 'AWS::S3::Bucket' with identifier '{bucket}' already exists\."
    with pytest.raises(LabError, match=told):
        deploy.deploy("datastreamer")
    with pytest.raises(LabError, match=r"is not deployed\. .* ROLLBACK_COMPLETE\..*lab deploy datastreamer"):
        stacks.outputs("datastreamer")
    s3.delete_bucket(Bucket=bucket)
    assert deploy.deploy("datastreamer").outputs["DataBucketName"] == bucket
    assert destroy.destroy("datastreamer")


@pytest.mark.usefixtures("quick_synthesis")
def test_the_rule_feeds_the_stream_once_both_stacks_are_there_and_no_longer_when_one_goes(account: Any) -> None:
    deploy.deploy("level1")
    lake = deploy.deploy("datastreamer", settings={"firehoseBufferSeconds": "5", "etlScheduleState": "DISABLED"})
    assert fed_streams() == [lake.outputs["StreamName"]]
    assert [step.stack for step in deploy.plan("datastreamer").steps if step.changes] == []

    with pytest.raises(LabError, match="AWS::Scheduler::Schedule"):
        deploy.deploy("datastreamer", settings={"etlSchedule": "cron(99 99 * * ? *)"})
    assert status("datastreamer") == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.outputs("datastreamer") == lake.outputs
    schedule = account.client("scheduler").get_schedule(Name=lake.outputs["ScheduleName"])
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(15 minutes)", "DISABLED")

    assert deploy.deploy("datastreamer", settings={"etlSchedule": "rate(30 minutes)"}).changed
    assert status("datastreamer") == "UPDATE_COMPLETE"
    schedule = account.client("scheduler").get_schedule(Name=lake.outputs["ScheduleName"])
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(30 minutes)", "DISABLED")

    account.client("s3").put_object(Bucket=lake.outputs["DataBucketName"], Key="raw_data/device_sensor/a", Body=b"{}")
    assert destroy.destroy("datastreamer")
    assert fed_streams() == []
    assert stacks.describe("datastreamer") is None
    assert not destroy.destroy("datastreamer")
    assert [entry for entry in leftovers.find() if entry.name.startswith("datastreamer")] == []


@pytest.mark.usefixtures("quick_synthesis")
def test_cleaning_removes_devices_data_and_logs_and_proves_it(account: Any) -> None:
    outputs = deploy.deploy("level1").outputs
    foreign = registered(account)
    device(account, outputs["DevicePolicyName"])
    account.client("s3").put_object(Bucket=outputs["ResultsBucketName"], Key="a/b.csv", Body=b"1")
    found = {(entry.service, entry.name) for entry in leftovers.find()}
    assert {
        ("dynamodb", outputs["TableName"]),
        ("s3", outputs["SpillBucketName"]),
        ("iot", outputs["RuleName"]),
    } <= found
    assert ("logs", "attempt-iot-rule-sensor-data/errors") in found

    done = lab("clean", "--verify", "--yes")
    assert done.returncode == 0, done.stderr
    assert "nothing is left" in done.stdout
    assert registered(account) == foreign


@pytest.mark.usefixtures("quick_synthesis")
def test_a_creation_that_failed_leaves_nothing_to_build_on_and_no_setting_behind(account: Any) -> None:
    with pytest.raises(LabError, match="AWS::Scheduler::Schedule"):
        deploy.deploy("datastreamer", settings={"etlSchedule": "cron(99 99 * * ? *)", "etlScheduleState": "DISABLED"})
    assert status("datastreamer") == "ROLLBACK_COMPLETE"
    assert not stacks.stands("datastreamer")
    with pytest.raises(LabError, match="datastreamer-staging, which is not deployed"):
        deploy.plan("level2")
    assert deploy.deploy("datastreamer", settings={"etlScheduleState": "DISABLED"}).changed
    assert stacks.stands("datastreamer")
    assert destroy.destroy("datastreamer")


def registered(account: Any) -> set[str]:
    """Return the ids of all certificates and things: the account is shared with other tests."""
    client = account.client("iot")
    ids = {entry["certificateId"] for entry in client.list_certificates()["certificates"]}
    return ids | {entry["thingName"] for entry in client.list_things()["things"]}


def test_what_is_left_behind_makes_the_verification_fail_and_is_named(account: Any) -> None:
    queue = account.client("sqs").create_queue(QueueName="datastreamer-forgotten")["QueueUrl"]
    tags = [{"Key": "PROJECT", "Value": "datastreamer"}]
    tagged = account.client("sns").create_topic(Name="elsewhere", Tags=tags)
    other = account.client("sns").create_topic(Name="of-a-student", Tags=[*tags, {"Key": "PREFIX", "Value": "ann"}])
    done = lab("clean", "--verify", "--yes")
    assert done.returncode == 1
    assert "datastreamer-forgotten  (found by name)" in done.stderr
    assert "elsewhere  (found by tag)" in done.stderr
    assert "of-a-student" not in done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_PREFIX", "ann")
        assert [(entry.name, entry.found_by) for entry in leftovers.find()] == [("of-a-student", "tag")]
        patch.setenv("LAB_PREFIX", "an")
        assert leftovers.find() == []
    account.client("sqs").delete_queue(QueueUrl=queue)
    account.client("sns").delete_topic(TopicArn=other["TopicArn"])
    account.client("sns").delete_topic(TopicArn=tagged["TopicArn"])
    assert leftovers.find() == []


def test_the_bootstrap_is_kept_while_a_stack_relies_on_it_and_removed_with_its_assets(account: Any) -> None:
    cdk.bootstrap(target.account(), target.region(), lambda _line: None)
    assert bootstrap.version() > 0
    stack = {"Parameters": {"BootstrapVersion": {"Type": "String", "Default": "1"}}, "Resources": TOPIC}
    cloudformation = account.client("cloudformation")
    cloudformation.create_stack(StackName="another-application", TemplateBody=json.dumps(stack))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="another-application", WaiterConfig={"Delay": 1})
    with pytest.raises(LabError, match="used by another-application"):
        bootstrap.remove()
    cloudformation.delete_stack(StackName="another-application")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="another-application", WaiterConfig={"Delay": 1})

    done = lab("clean", "--verify", "--bootstrap", "--yes")
    assert (done.returncode, done.stdout) == (0, "CDKToolkit  deleted\nnothing is left\n")
    assert bootstrap.version() == 0
    names = [bucket["Name"] for bucket in account.client("s3").list_buckets()["Buckets"]]
    assert not any(name.startswith("cdk-") for name in names)
    assert not bootstrap.remove()


def test_a_bucket_is_emptied_of_old_versions_too(account: Any) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="versions-here", CreateBucketConfiguration={"LocationConstraint": target.region()})
    s3.put_bucket_versioning(Bucket="versions-here", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="versions-here", Key="k", Body=body)
    s3.delete_object(Bucket="versions-here", Key="k")
    assert release.empty_bucket("versions-here") == ["versions-here: 3 objects deleted"]
    assert release.empty_bucket("versions-here") == []
    s3.delete_bucket(Bucket="versions-here")
    assert release.empty_bucket("versions-here") == []


def cloudformation_stacks(account: Any) -> list[dict[str, Any]]:
    """Return every stack of the account."""
    found: list[dict[str, Any]] = account.client("cloudformation").describe_stacks()["Stacks"]
    return found


def test_a_certificate_that_serves_another_policy_too_only_loses_ours(account: Any) -> None:
    iot = account.client("iot")
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}]}
    for name in ("ours", "theirs"):
        iot.create_policy(policyName=name, policyDocument=json.dumps(allow))
    made = [iot.create_keys_and_certificate(setAsActive=True) for _ in range(2)]
    for certificate, policies in zip(made, (("ours",), ("ours", "theirs")), strict=True):
        for policy in policies:
            iot.attach_policy(policyName=policy, target=certificate["certificateArn"])
    told = release.remove_devices("ours")
    assert told == [f"{made[1]['certificateId']}: certificate kept, it carries other policies"]
    left = {entry["certificateId"]: entry["status"] for entry in iot.list_certificates()["certificates"]}
    assert made[0]["certificateId"] not in left
    assert left[made[1]["certificateId"]] == "ACTIVE"
    assert release.remove_devices("theirs") == []
    assert made[1]["certificateId"] not in registered(account)
    for name in ("ours", "theirs"):
        iot.delete_policy(policyName=name)


def retention_days(account: Any) -> int:
    """Return how long the rule's error log keeps events."""
    name = stacks.outputs("level1")["ErrorLogGroupName"]
    (group,) = account.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return int(group["retentionInDays"])


def fed_streams() -> list[str]:
    """Return the streams into which the deployed rule writes."""
    rule = target.client("iot").get_topic_rule(ruleName="attempt_iot_rule_sensor_data")["rule"]
    return [action["kinesis"]["streamName"] for action in rule["actions"] if "kinesis" in action]


def device(account: Any, policy: str) -> None:
    """Register a thing with a certificate that carries the device policy."""
    iot = account.client("iot")
    certificate = iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]
    iot.create_thing(thingName="wio-terminal-001")
    iot.attach_thing_principal(thingName="wio-terminal-001", principal=certificate)
    iot.attach_policy(policyName=policy, target=certificate)


def lab(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on the embedded AWS of the tests."""
    return subprocess.run(
        [sys.executable, "-m", "lab.cli", *arguments], capture_output=True, text=True, check=False, timeout=300
    )
