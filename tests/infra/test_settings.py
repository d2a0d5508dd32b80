from __future__ import annotations

import json
import re
import string
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from names import Names
from settings import DATASTREAMER_KEYS, LEVEL1_KEYS, RETENTION_DAYS, Settings, SettingsError, check_keys

STAGES = {"prod": {"protected": True}, "staging": {"protected": False}}
BASE = {"stages": STAGES, "account": "111122223333"}


def settings(**context: object) -> Settings:
    return Settings.from_context((BASE | context).get, {})


def test_the_defaults_are_the_values_of_the_specification() -> None:
    found = settings()
    assert (found.stage, found.region, found.protected) == ("staging", "ap-northeast-1", False)
    assert (found.firehose_buffer_seconds, found.firehose_buffer_megabytes) == (60, 5)
    assert (found.etl_schedule, found.crawler_schedule) == ("rate(15 minutes)", "cron(0 * * * ? *)")
    assert not found.dynamodb_connector
    assert not found.expose_quicksight


def test_prod_is_protected() -> None:
    assert settings(stage="prod").protected


def test_account_and_region_come_from_the_command_line_when_the_context_has_none() -> None:
    environment = {"CDK_DEFAULT_ACCOUNT": "444455556666", "CDK_DEFAULT_REGION": "eu-central-1"}
    found = Settings.from_context({"stages": STAGES}.get, environment)
    assert (found.account, found.region) == ("444455556666", "eu-central-1")


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("stage", "production", "stage is 'production'"),
        ("account", "12", "twelve digits"),
        ("region", "tokyo", "a region such as ap-northeast-1"),
        ("prefix", "My-Class", "lower-case letters and digits"),
        ("prefix", "averylongprefix", "has 69 characters; expected 3 to 63 of a-z"),
        ("prefix", "sthree", "not beginning with xn--, sthree- or"),
        ("prefix", "level2", "none of attempt, datastreamer, level2"),
        ("feedStages", "staging,test", "feedStages names 'test'"),
        ("dynamodbConnector", "yes", "true or false"),
        ("firehoseBufferSeconds", "901", "from 0 to 900"),
        ("firehoseBufferMegabytes", "0", "from 1 to 128"),
        ("firehoseBufferSeconds", "1.5", "a whole number"),
        ("etlSchedule", "every hour", "rate(15 minutes) or a cron expression"),
        ("etlSchedule", "rate(0 minutes)", "rate(15 minutes) or a cron expression"),
        ("etlScheduleState", "off", "ENABLED or DISABLED"),
        ("crawlerSchedule", "rate(1 hour)", "cron"),
        ("logRetentionDays", "31", "one of 1, 7, 14, 30"),
        ("scanLimitMegabytes", "9", "from 10"),
        ("alarmEmail", "nobody", "an e-mail address"),
        ("monthlyBudgetUsd", "-1", "a whole number"),
        ("exposeQuickSight", "true", "needs quickSightPrincipal"),
        ("digestSchedule", "daily", "rate(15 minutes) or a cron expression"),
        ("scoringScheduleState", "on", "ENABLED or DISABLED"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_is_expected(key: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told.replace("(", r"\(").replace(")", r"\)")):
        settings(**{key: value})


@pytest.mark.parametrize(
    ("key", "told"), [("firehoseBuferSeconds", "did you mean firehoseBufferSeconds?"), ("x", "there are account, ")]
)
def test_a_misspelt_setting_is_refused_with_the_nearest_name(key: str, told: str) -> None:
    check_keys([*LEVEL1_KEYS, *DATASTREAMER_KEYS])
    with pytest.raises(SettingsError) as refused:
        check_keys([key])
    assert told in str(refused.value)


def test_a_context_without_stages_is_refused() -> None:
    with pytest.raises(SettingsError, match="run the CDK in infra/cdk"):
        Settings.from_context({"account": "111122223333"}.get, {})


def test_what_was_set_is_remembered_and_nothing_else() -> None:
    found = settings(stage="prod", feedStages="prod", firehoseBufferSeconds=5)
    assert found.given_of(LEVEL1_KEYS) == {"stage": "prod", "feedStages": "prod"}
    assert found.given_of(DATASTREAMER_KEYS) == {"stage": "prod", "firehoseBufferSeconds": "5"}


def test_every_offered_retention_has_a_name_in_the_cdk() -> None:
    from parts.logs import RETENTION

    assert tuple(RETENTION) == RETENTION_DAYS


def test_cdk_json_lists_the_stages_of_the_specification() -> None:
    document = json.loads((Path(__file__).parents[2] / "infra/cdk/cdk.json").read_text())
    assert document["context"]["stages"] == STAGES


accounts = st.from_regex(r"[0-9]{12}", fullmatch=True)
regions = st.sampled_from(
    ["ap-northeast-1", "ap-southeast-5", "us-east-1", "eu-central-2", "me-central-1", "us-gov-west-1", "sa-east-1"]
)
KNOWN = {
    "level1_stack": ("cloudformation", "CreateStack", "StackName"),
    "datastreamer_stack": ("cloudformation", "CreateStack", "StackName"),
    "level2_stack": ("cloudformation", "CreateStack", "StackName"),
    "table": ("dynamodb", "CreateTable", "TableName"),
    "rule": ("iot", "CreateTopicRule", "ruleName"),
    "flag_rule": ("iot", "CreateTopicRule", "ruleName"),
    "rule_error_log_group": ("logs", "CreateLogGroup", "logGroupName"),
    "flag_error_log_group": ("logs", "CreateLogGroup", "logGroupName"),
    "sensor_database": ("glue", "DeleteDatabase", "Name"),
    "analytics_database": ("glue", "DeleteDatabase", "Name"),
    "sensor_crawler": ("glue", "CreateCrawler", "Name"),
    "curated_crawler": ("glue", "CreateCrawler", "Name"),
    "sensor_workgroup": ("athena", "CreateWorkGroup", "Name"),
    "analytics_workgroup": ("athena", "CreateWorkGroup", "Name"),
    "sensor_catalog": ("lambda", "CreateFunction", "FunctionName"),
    "dashboard": ("quicksight", "CreateAnalysis", "AnalysisId"),
    "stream": ("kinesis", "CreateStream", "StreamName"),
    "firehose": ("firehose", "CreateDeliveryStream", "DeliveryStreamName"),
    "job": ("scheduler", "CreateSchedule", "Name"),
    "scoring_job": ("scheduler", "CreateSchedule", "Name"),
    "digest_job": ("scheduler", "CreateSchedule", "Name"),
}
"""The parameter by which each service takes a name; the service's own model says how it must look."""
BUCKETS = ("results_bucket", "spill_bucket", "data_bucket", "analytics_bucket")
OWN_WORDS = ("attempt", "datastreamer", "level2")


@cache
def shape(service: str, operation: str, member: str) -> tuple[int, int, str]:
    """The least and the most characters that a parameter takes, and their pattern, as the service's model has them."""
    model = botocore.session.get_session().get_service_model(service).operation_model(operation)
    found = model.input_shape.members[member].metadata
    pattern = found.get("pattern", ".*")
    # Glue's pattern is written for UTF-16: it lists what no Python text is made of, and excludes control characters.
    return found.get("min", 1), found.get("max", 255), r"[^\x00-\x1f]*" if "\\uD800" in pattern else pattern


def taken(names: Names) -> bool:
    """Whether every service takes its names: by its model, and for buckets by the rules of its guide."""
    for attribute, parameter in KNOWN.items():
        least, most, pattern = shape(*parameter)
        name = getattr(names, attribute)
        if not least <= len(name) <= most or re.fullmatch(pattern, name) is None:
            return False
    return all(
        3 <= len(name) <= 63
        and set(name) <= set(string.ascii_lowercase + string.digits + "-")
        and "-" not in (name[0], name[-1])
        and not name.startswith(("xn--", "sthree-", "amzn-s3-demo-"))
        for name in (getattr(names, attribute) for attribute in BUCKETS)
    )


@given(
    prefix=st.one_of(
        st.from_regex(r"([a-z][a-z0-9]{0,12})?", fullmatch=True),
        st.text(st.characters(codec="utf-8"), max_size=20),
        st.sampled_from(["sthree", "xn", "amzn", *OWN_WORDS]),
    ),
    stage=st.sampled_from(["prod", "staging"]),
    account=accounts,
    region=regions,
)
@example(prefix="a23456789", stage="staging", account="1" * 12, region="ap-northeast-1")
@example(prefix="a234567890", stage="staging", account="1" * 12, region="ap-northeast-1")
def test_a_prefix_is_taken_when_every_service_takes_the_names_that_it_gives(
    prefix: str, stage: str, account: str, region: str
) -> None:
    fits = re.fullmatch(r"([a-z][a-z0-9]*)?", prefix, re.ASCII) is not None and prefix not in OWN_WORDS
    names = Names(prefix, stage, account, region)
    wanted = fits and taken(names)
    try:
        found = settings(prefix=prefix, stage=stage, account=account, region=region).names
    except SettingsError:
        assert not wanted
        return
    assert wanted
    assert found == names
    assert len({getattr(names, attribute) for attribute in BUCKETS}) == 4


def test_every_name_of_the_templates_is_one_that_is_checked(synth: Callable[..., dict[str, Any]]) -> None:
    names = Names("ann", "staging", "111122223333", "ap-northeast-1")
    checked = set(names.forms())
    assert checked == {getattr(names, attribute) for attribute in [*KNOWN, *BUCKETS, "alarm_topic"]}
    logs = {f"/aws/lambda/{names.sensor_catalog}"} | {
        f"/aws-glue/jobs/{names.job}/{end}" for end in ("output", "error")
    }
    for stack in ("level1", "datastreamer", "level2"):
        template = synth(stack, prefix="ann", dynamodbConnector="true")
        for entry in template["Resources"].values():
            properties = entry.get("Properties", {})
            found = [properties.get(key) for key in NAMING] + [properties.get("DatabaseInput", {}).get("Name")]
            assert {name for name in found if isinstance(name, str)} <= checked | logs, entry["Type"]


NAMING = (
    "TableName",
    "RuleName",
    "Name",
    "StreamName",
    "DeliveryStreamName",
    "BucketName",
    "LogGroupName",
    "TopicName",
)


@given(first=st.tuples(accounts, regions), second=st.tuples(accounts, regions))
def test_two_places_never_share_a_bucket_name(first: tuple[str, str], second: tuple[str, str]) -> None:
    one, two = Names("", "prod", *first), Names("", "prod", *second)
    assert (one.data_bucket == two.data_bucket) == (first == second)


def test_the_names_are_those_of_the_specification() -> None:
    names = Names("", "prod", "111122223333", "ap-northeast-1")
    assert names.level1_stack == "attempt-iot-monitoring-stack"
    assert names.table == "attempt-dynamodb-sensor-data"
    assert names.rule == "attempt_iot_rule_sensor_data"
    assert names.rule_error_log_group == "/aws/iot/rule/attempt-iot-rule-sensor-data/errors"
    assert names.sensor_database == "attempt-glue-database-sensor"
    assert names.sensor_crawler == "attempt-glue-crawler-sensor-data"
    assert names.sensor_workgroup == "attempt-athena-workgroup-sensor"
    assert names.sensor_catalog == "attempt-athena-catalog-dynamodb"
    assert names.results_bucket == "attempt-s3-athena-results-111122223333-ap-northeast-1"
    assert names.spill_bucket == "attempt-s3-athena-spill-111122223333-ap-northeast-1"
    assert names.stream == "datastreamer-prod-stream"
    assert names.firehose == "datastreamer-prod-firehose"
    assert names.data_bucket.startswith("datastreamer-prod-data-bucket-")
    assert names.analytics_bucket.startswith("datastreamer-prod-analytics-bucket-")
    assert names.job == "datastreamer-prod-temperature-etl"
    assert names.curated_crawler == "datastreamer-prod-curated-device-telemetry"
    assert names.analytics_database == "datastreamer_prod_analytics"
    assert names.level2_stack == "level2-prod"
    assert names.scoring_job == "level2-prod-anomaly-scoring"


def test_a_prefix_stands_before_every_name() -> None:
    plain, prefixed = (Names(prefix, "prod", "111122223333", "ap-northeast-1") for prefix in ("", "ann"))
    assert prefixed.table == f"ann-{plain.table}"
    assert prefixed.rule == f"ann_{plain.rule}"
    assert prefixed.analytics_database == f"ann_{plain.analytics_database}"
    assert prefixed.level1_stack == f"ann-{plain.level1_stack}"
