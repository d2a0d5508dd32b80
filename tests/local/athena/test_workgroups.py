"""Workgroups: who decides where results go, how much a query may read, and what a group holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from account import BUCKET, Account
from botocore.exceptions import ClientError

CUT_OFF = 10_000_000
GROUP = "room-group"


@pytest.fixture
def group(account: Account) -> Iterator[str]:
    """A workgroup that enforces its place for results and lets ten megabytes be read."""
    configuration = {
        "ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/group"},
        "BytesScannedCutoffPerQuery": CUT_OFF,
    }
    account.athena.create_work_group(Name=GROUP, Configuration=configuration, Tags=[{"Key": "k", "Value": "v"}])
    yield GROUP
    account.athena.delete_work_group(WorkGroup=GROUP, RecursiveDeleteOption=True)


def refused(account: Account, operation: str, **request: Any) -> str:
    """The message with which a request is refused."""
    with pytest.raises(ClientError) as refusal:
        getattr(account.athena, operation)(**request)
    assert refusal.value.response["Error"]["Code"] == "InvalidRequestException"
    return str(refusal.value.response["Error"]["Message"])


def test_a_group_that_enforces_its_place_overrides_the_request(account: Account, group: str) -> None:
    answer = account.done("SELECT 1", WorkGroup=group)
    assert answer.location == f"s3://{BUCKET}/group/{answer.id}.csv"
    assert answer.execution["WorkGroup"] == group
    account.athena.update_work_group(
        WorkGroup=group, ConfigurationUpdates={"EnforceWorkGroupConfiguration": False}, Description="lenient"
    )
    assert account.done("SELECT 1", WorkGroup=group).location.startswith(f"s3://{BUCKET}/results/")
    assert account.athena.get_work_group(WorkGroup=group)["WorkGroup"]["Description"] == "lenient"


def test_a_group_s_settings_are_told_with_athena_s_defaults(account: Account, group: str) -> None:
    configuration = account.athena.get_work_group(WorkGroup=group)["WorkGroup"]["Configuration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == CUT_OFF
    assert configuration["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    primary = account.athena.get_work_group(WorkGroup="primary")["WorkGroup"]
    assert primary["Configuration"]["EnforceWorkGroupConfiguration"] is False
    names = [one["Name"] for one in account.athena.list_work_groups()["WorkGroups"]]
    assert {"primary", group} <= set(names)
    arn = f"arn:aws:athena:ap-northeast-1:000000000000:workgroup/{group}"
    assert account.athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "v"}]


def test_a_query_that_would_read_too_much_is_cancelled_before_it_reads(account: Account, group: str) -> None:
    account.put("large/a.csv", b"x" * 99 + b"\n" + b"1234567,abc\n" * (CUT_OFF // 12))
    account.done(
        "CREATE EXTERNAL TABLE large (n bigint, s string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://{BUCKET}/large/'"
    )
    answer = account.ask("SELECT count(*) FROM large", WorkGroup=group)
    assert (answer.state, answer.reason) == ("CANCELLED", "Bytes scanned limit was exceeded")
    assert answer.execution["Statistics"]["DataScannedInBytes"] > CUT_OFF
    assert not [key for key in account.keys("group/") if answer.id in key]
    account.athena.update_work_group(WorkGroup=group, ConfigurationUpdates={"RemoveBytesScannedCutoffPerQuery": True})
    assert account.done("SELECT count(*) FROM large", WorkGroup=group).rows == [(str(1 + CUT_OFF // 12),)]
    account.done("DROP TABLE large")


def test_a_disabled_group_takes_no_query(account: Account, group: str) -> None:
    account.athena.update_work_group(WorkGroup=group, State="DISABLED")
    message = refused(account, "start_query_execution", QueryString="SELECT 1", WorkGroup=group)
    assert message == f"WorkGroup {group} is disabled."


def test_a_group_that_is_used_goes_only_with_what_it_holds(account: Account, group: str) -> None:
    key = account.done("SELECT 1", WorkGroup=group).id
    query = account.athena.create_named_query(
        Name="q", Database="room_db", QueryString="SELECT 2", WorkGroup=group, ClientRequestToken="t" * 32
    )["NamedQueryId"]
    assert account.athena.list_named_queries(WorkGroup=group)["NamedQueryIds"] == [query]
    assert account.athena.get_named_query(NamedQueryId=query)["NamedQuery"]["QueryString"] == "SELECT 2"
    assert account.athena.list_query_executions(WorkGroup=group)["QueryExecutionIds"] == [key]
    assert "is not empty" in refused(account, "delete_work_group", WorkGroup=group)
    account.athena.delete_work_group(WorkGroup=group, RecursiveDeleteOption=True)
    assert "was not found" in refused(account, "get_query_execution", QueryExecutionId=key)
    assert "does not exist" in refused(account, "get_named_query", NamedQueryId=query)
    account.athena.create_work_group(Name=group)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"Name": "bad name"}, r"failed to satisfy constraint"),
        ({"Name": "primary"}, "WorkGroup is already created."),
        ({"Name": "a", "Configuration": {"ResultConfiguration": {"OutputLocation": "here"}}}, "not a valid S3 path"),
        ({"Name": "a", "Configuration": {"ManagedQueryResultsConfiguration": {"Enabled": True}}}, "not served"),
    ],
)
def test_a_group_that_cannot_work_is_refused(account: Account, request_: dict[str, Any], message: str) -> None:
    assert message in refused(account, "create_work_group", **request_)


def test_the_primary_group_stays_and_others_must_exist(account: Account) -> None:
    assert "cannot be deleted" in refused(account, "delete_work_group", WorkGroup="primary")
    assert "is not found" in refused(account, "get_work_group", WorkGroup="nowhere")
    assert "is not found" in refused(account, "start_query_execution", QueryString="SELECT 1", WorkGroup="nowhere")
    assert "No output location" in refused(account, "start_query_execution", QueryString="SELECT 1")
