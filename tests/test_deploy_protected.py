"""The stage prod of every stack on the embedded AWS, by the real CDK: it does not go by mistake, and its data stay.

The tests are the stages of one life, in their order.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from lab import clean, deploy, destroy, leftovers, raw, release, stacks
from lab.errors import LabError
from tests.conftest import EmbeddedAws, embedded_aws
from tests.infra.in_process import quick_synthesis  # noqa: F401 - a fixture

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_synthesis")]
OFF = {"datastreamer": {"etlScheduleState": "DISABLED"}, "level2": {"scoringScheduleState": "DISABLED"}}
ORDER = ("level1", "datastreamer", "level2")
READING = {"device_id": {"S": "wio-terminal-001"}, "timestamp": {"N": "1640995200"}, "temperature": {"N": "25.5"}}
DATA = {
    "datastreamer": {"DataBucketName": ["raw_data/device_sensor/a"], "AnalyticsBucketName": []},
    "level2": {"AnalyticsBucketName": ["curated/device_anomalies/a", "models/anomaly_detector/a"]},
}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An embedded AWS of these tests alone: they ask what is left in the whole account."""
    with embedded_aws(tmp_path_factory.mktemp("lab")) as own:
        yield own


@pytest.fixture(scope="module")
def outputs() -> dict[str, dict[str, str]]:
    """The outputs of each stack, kept from its deployment: afterwards nobody else knows the names."""
    return {}


def protection(account: EmbeddedAws, stack: str, on: bool) -> None:
    """Switch a stack's termination protection as a person does who means it."""
    account.client("cloudformation").update_termination_protection(
        StackName=stacks.name(stack, "prod"), EnableTerminationProtection=on
    )


def test_every_stack_of_prod_is_deployed_and_filled(account: EmbeddedAws, outputs: dict[str, dict[str, str]]) -> None:
    s3 = account.client("s3")
    for stack in ORDER:
        outputs[stack] = dict(deploy.deploy(stack, "prod", OFF.get(stack)).outputs)
        for bucket, keys in DATA.get(stack, {}).items():
            for key in keys:
                s3.put_object(Bucket=outputs[stack][bucket], Key=key, Body=b"1")
    account.client("dynamodb").put_item(TableName=outputs["level1"]["TableName"], Item=READING)
    assert not deploy.deploy("level2", "prod").changed


@pytest.mark.parametrize("stack", ORDER)
def test_neither_lab_nor_cloudformation_deletes_a_protected_stack(account: EmbeddedAws, stack: str) -> None:
    with pytest.raises(LabError, match="is protected against deletion"):
        destroy.destroy(stack, "prod")
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        account.client("cloudformation").delete_stack(StackName=stacks.name(stack, "prod"))
    assert stacks.stands(stack, "prod")


def test_cleaning_keeps_protected_stacks_and_names_each() -> None:
    done = clean.clean()
    assert done.destroyed == ()
    assert [sentence.partition(" ")[0] for sentence in done.kept] == [
        stacks.name(stack, "prod") for stack in ("level2", "level1", "datastreamer")
    ]


def test_another_stage_does_not_take_the_protection_of_level_1_away() -> None:
    with pytest.raises(
        LabError, match="deployed as the protected stage prod; staging would let its data go"
    ) as refused:
        deploy.plan("level1", "staging")
    assert refused.value.remedy == "Run `lab deploy level1 --stage prod`."


def test_when_the_protection_is_taken_away_the_stacks_go_and_their_data_stay(
    account: EmbeddedAws, outputs: dict[str, dict[str, str]]
) -> None:
    for stack in ("level2", "datastreamer", "level1"):
        protection(account, stack, on=False)
        assert destroy.destroy(stack, "prod")
        assert stacks.describe(stack, "prod") is None
    lake, level1 = outputs["datastreamer"], outputs["level1"]
    assert raw.keys(lake["DataBucketName"], "") == DATA["datastreamer"]["DataBucketName"]
    assert sorted(raw.keys(lake["AnalyticsBucketName"], "")) == DATA["level2"]["AnalyticsBucketName"]
    assert account.client("dynamodb").scan(TableName=level1["TableName"])["Items"] == [READING]
    stream = account.client("kinesis").describe_stream_summary(StreamName=lake["StreamName"])
    assert stream["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE"
    kinds = {entry.service for entry in leftovers.find()}
    assert kinds == {"dynamodb", "kinesis", "logs", "s3"}


def test_what_stayed_makes_the_verification_fail_until_somebody_removes_it(
    account: EmbeddedAws, outputs: dict[str, dict[str, str]]
) -> None:
    names = {entry.name for entry in clean.verify()}
    assert {outputs["level1"]["TableName"], outputs["datastreamer"]["DataBucketName"]} <= names
    dynamodb, table = account.client("dynamodb"), outputs["level1"]["TableName"]
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=table)
    account.client("kinesis").delete_stream(StreamName=outputs["datastreamer"]["StreamName"])
    for bucket in account.client("s3").list_buckets()["Buckets"]:
        if bucket["Name"].startswith(("attempt-", "datastreamer-")):
            release.empty_bucket(bucket["Name"])
            account.client("s3").delete_bucket(Bucket=bucket["Name"])
    logs = account.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        logs.delete_log_group(logGroupName=group["logGroupName"])
    assert leftovers.find() == []
