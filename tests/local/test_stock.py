"""Operations that MiniStack answers: those that are let through do what they say, the others are refused by name."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from lab.local.catalogue.expression import compiled
from lab.local.errors import AwsError
from tests.local import account

NAME = "stock"
LOGS, GLUE = "arn:aws:logs:ap-northeast-1:000000000000:log-group:x", "arn:aws:iam::000000000000:role/r"
REFUSED = [
    ("logs", "put_destination", {"destinationName": NAME, "targetArn": LOGS, "roleArn": GLUE}),
    ("logs", "put_delivery_source", {"name": NAME, "resourceArn": LOGS, "logType": "X"}),
    ("logs", "create_delivery", {"deliverySourceName": NAME, "deliveryDestinationArn": LOGS}),
    ("logs", "start_query", {"startTime": 0, "endTime": 1, "queryString": "stats count(*) by bin(5m)"}),
    (
        "logs",
        "put_account_policy",
        {"policyName": NAME, "policyDocument": "{}", "policyType": "DATA_PROTECTION_POLICY"},
    ),
    ("events", "create_archive", {"ArchiveName": NAME, "EventSourceArn": LOGS}),
    ("events", "put_permission", {"StatementId": NAME, "Principal": "*", "Action": "events:PutEvents"}),
    ("cloudwatch", "put_metric_stream", {"Name": NAME, "FirehoseArn": GLUE, "RoleArn": GLUE, "OutputFormat": "json"}),
    ("glue", "create_security_configuration", {"Name": NAME, "EncryptionConfiguration": {}}),
    ("glue", "create_registry", {"RegistryName": NAME}),
    ("kinesis", "register_stream_consumer", {"StreamARN": GLUE, "ConsumerName": NAME}),
    ("dynamodb", "create_backup", {"TableName": NAME, "BackupName": NAME}),
    ("sns", "create_platform_application", {"Name": NAME, "Platform": "GCM", "Attributes": {}}),
    ("ssm", "send_command", {"DocumentName": NAME}),
]


@pytest.mark.parametrize(("service", "method", "parameters"), REFUSED, ids=lambda part: str(part)[:30])
def test_an_operation_that_nobody_checked_is_refused_by_its_name(
    aws: Any, service: str, method: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(aws.client(service), method)(**parameters)
    error = refused.value.response["Error"]
    assert error["Code"] in ("UnknownOperationException", "InvalidAction")
    assert f":{refused.value.operation_name} is not served" in error["Message"]


def test_a_log_group_keeps_what_it_is_told_until_it_is_removed(aws: Any) -> None:
    logs, group = aws.client("logs"), account.unique("/group")
    logs.create_log_group(logGroupName=group, tags={"a": "1"})
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 7
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    events = [{"timestamp": 1_700_000_000_000 + number, "message": str(number)} for number in range(3)]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    told = logs.get_log_events(logGroupName=group, logStreamName="s", startFromHead=True)["events"]
    assert [event["message"] for event in told] == ["0", "1", "2"]
    arn = found["arn"].removesuffix(":*")
    logs.tag_resource(resourceArn=arn, tags={"b": "2"})
    logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    logs.delete_log_stream(logGroupName=group, logStreamName="s")
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == []
    logs.delete_log_group(logGroupName=group)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.describe_log_streams(logGroupName=group)


def test_a_dashboard_is_kept_shown_and_removed(aws: Any) -> None:
    cloudwatch, name = aws.client("cloudwatch"), account.unique("dashboard")
    body = json.dumps({"widgets": []})
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=body)
    assert json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]) == {"widgets": []}
    found = cloudwatch.list_dashboards(DashboardNamePrefix=name)["DashboardEntries"]
    assert [entry["DashboardName"] for entry in found] == [name]
    cloudwatch.delete_dashboards(DashboardNames=[name])
    with pytest.raises(ClientError, match="NotFound"):
        cloudwatch.get_dashboard(DashboardName=name)


def test_a_composite_alarm_follows_the_alarms_of_its_rule(aws: Any) -> None:
    cloudwatch = aws.client("cloudwatch")
    names = [account.unique("child") for _ in range(2)]
    for name in names:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="none",
            MetricName="none",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
    whole = account.unique("composite")
    cloudwatch.put_composite_alarm(AlarmName=whole, AlarmRule=" AND ".join(f'ALARM("{name}")' for name in names))

    def state() -> str:
        (found,) = cloudwatch.describe_alarms(AlarmNames=[whole], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
        return str(found["StateValue"])

    cloudwatch.set_alarm_state(AlarmName=names[0], StateValue="ALARM", StateReason="test")
    assert state() != "ALARM"
    cloudwatch.set_alarm_state(AlarmName=names[1], StateValue="ALARM", StateReason="test")
    assert state() == "ALARM"
    cloudwatch.set_alarm_state(AlarmName=names[0], StateValue="OK", StateReason="test")
    assert state() == "OK"
    cloudwatch.delete_alarms(AlarmNames=[whole])
    cloudwatch.delete_alarms(AlarmNames=names)


def test_events_of_a_bus_of_its_own_meet_the_rules_of_that_bus_alone(aws: Any) -> None:
    events, sqs = aws.client("events"), aws.client("sqs")
    bus, rule = account.unique("bus"), account.unique("rule")
    events.create_event_bus(Name=bus)
    arn = events.put_rule(Name=rule, EventBusName=bus, EventPattern='{"detail": {"n": [{"numeric": [">", 1]}]}}')[
        "RuleArn"
    ]
    url = sqs.create_queue(QueueName=rule)["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    own = {"Resource": queue, "Condition": {"ArnEquals": {"aws:SourceArn": arn}}}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": account.document({**allow, **own})})
    events.put_targets(Rule=rule, EventBusName=bus, Targets=[{"Id": "t", "Arn": queue, "InputPath": "$.detail.n"}])
    sent = [("default", 5), (bus, 1), (bus, 2)]
    entries = [{"EventBusName": to, "Source": "s", "DetailType": "d", "Detail": f'{{"n": {n}}}'} for to, n in sent]
    assert events.put_events(Entries=entries)["FailedEntryCount"] == 0
    answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MaxNumberOfMessages=10)
    assert [message["Body"] for message in answer["Messages"]] == ["2"]
    assert events.list_rule_names_by_target(TargetArn=queue, EventBusName=bus)["RuleNames"] == [rule]
    with pytest.raises(ClientError, match="Rule can't be deleted since it has targets"):
        events.delete_rule(Name=rule, EventBusName=bus)
    events.remove_targets(Rule=rule, EventBusName=bus, Ids=["t"])
    events.delete_rule(Name=rule, EventBusName=bus)
    events.delete_event_bus(Name=bus)


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ({"source": ["s"]}, True),
        ({"source": [{"prefix": "x"}]}, False),
        ({"detail": {"state": ["FAILED", "TIMEOUT"]}}, True),
        ({"detail": {"n": [{"numeric": [">", 0, "<=", 5]}]}}, True),
        ({"detail": {"state": [{"anything-but": ["FAILED"]}]}}, False),
        ({"detail": {"none": [{"exists": False}]}}, True),
        ({"resources": ["a", "b"]}, True),
        ({"$or": [{"source": ["x"]}, {"detail": {"n": [5]}}]}, True),
    ],
)
def test_a_pattern_matches_as_the_users_guide_says(aws: Any, pattern: dict[str, Any], matches: bool) -> None:
    event = {
        "id": "1",
        "account": "000000000000",
        "source": "s",
        "time": "2026-01-01T00:00:00Z",
        "region": "ap-northeast-1",
        "resources": ["b"],
        "detail-type": "d",
        "detail": {"state": "FAILED", "n": 5},
    }
    answer = aws.client("events").test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))
    assert answer["Result"] is matches


def test_an_item_is_written_only_under_its_condition_and_found_by_key_filter_and_statement(aws: Any) -> None:
    dynamodb, table = aws.client("dynamodb"), account.unique("table")
    keys = [{"AttributeName": "d", "KeyType": "HASH"}, {"AttributeName": "t", "KeyType": "RANGE"}]
    kinds = [{"AttributeName": "d", "AttributeType": "S"}, {"AttributeName": "t", "AttributeType": "N"}]
    dynamodb.create_table(TableName=table, KeySchema=keys, AttributeDefinitions=kinds, BillingMode="PAY_PER_REQUEST")
    for number in range(5):
        dynamodb.put_item(
            TableName=table, Item={"d": {"S": "a"}, "t": {"N": str(number)}, "v": {"N": str(number * 10)}}
        )
    again = {"d": {"S": "a"}, "t": {"N": "1"}}
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(TableName=table, Item=again, ConditionExpression="attribute_not_exists(d)")
    values = {":d": {"S": "a"}, ":t": {"N": "2"}, ":v": {"N": "30"}}
    asked = {"KeyConditionExpression": "d = :d AND t >= :t", "FilterExpression": "v >= :v"}
    found = dynamodb.query(TableName=table, **asked, ExpressionAttributeValues=values, ScanIndexForward=False)
    assert ([item["t"]["N"] for item in found["Items"]], found["ScannedCount"]) == (["4", "3"], 3)
    page = dynamodb.scan(TableName=table, Limit=2)
    assert (page["Count"], page["LastEvaluatedKey"]["t"]["N"]) == (2, "1")
    select = f'SELECT v FROM "{table}" WHERE d = ? AND t = ?'
    rows = dynamodb.execute_statement(Statement=select, Parameters=[{"S": "a"}, {"N": "3"}])["Items"]
    assert rows == [{"v": {"N": "30"}}]
    taken = {"Delete": {"TableName": table, "Key": {"d": {"S": "a"}, "t": {"N": "0"}}}}
    failing = {
        "ConditionCheck": {
            **taken["Delete"],
            "Key": {"d": {"S": "a"}, "t": {"N": "9"}},
            "ConditionExpression": "attribute_exists(d)",
        }
    }
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[taken, failing])
    assert dynamodb.scan(TableName=table, Select="COUNT")["Count"] == 5
    with pytest.raises(ClientError, match="Type mismatch for key"):
        dynamodb.put_item(TableName=table, Item={"d": {"S": "a"}, "t": {"S": "1"}})
    dynamodb.delete_table(TableName=table)


EXPRESSIONS = [
    ("year = '2026'", True),
    ("YEAR >= 2025.5 and month < '03'", True),
    ("year <> 2026", False),
    ("year != 2025 AND NOT month = '03'", True),
    ("year BETWEEN 2020 AND 2025", False),
    ("year NOT BETWEEN 2020 AND 2025", True),
    ("month IN ('01', '02')", True),
    ("month NOT IN ('02')", False),
    ("month LIKE '0_'", True),
    ("month LIKE '1%'", False),
    ("day IS NULL AND year IS NOT NULL", True),
    ("day = 5 OR day <> 5", False),
    ("(year = 2025 OR year = 2026) AND month = '02'", True),
    ("year = 2025 OR year = 2026 AND month = '01'", False),
]


@pytest.mark.parametrize(("expression", "chosen"), EXPRESSIONS)
def test_an_expression_chooses_partitions_as_sql_does(expression: str, chosen: bool) -> None:
    kinds = {"year": "int", "month": "string", "day": "int"}
    values = {"year": "2026", "month": "02", "day": "__HIVE_DEFAULT_PARTITION__"}
    assert compiled(expression, kinds)(values) is chosen


@pytest.mark.parametrize(
    "expression",
    ["", "year", "year =", "year = x", "year = 1 AND", "(year = 1", "year IN ()", "a = 1", "year == 1", "NOT"],
)
def test_an_expression_that_is_none_is_refused(expression: str) -> None:
    with pytest.raises(AwsError, match="InvalidInputException"):
        compiled(expression, {"year": "int"})


@given(st.text(alphabet="year0123 =<>!()'ANDORLIKE,%_", max_size=40))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    with suppress(AwsError):
        compiled(text, {"year": "int"})({"year": "2026"})


def test_a_job_keeps_its_whole_definition_and_an_update_overwrites_it(aws: Any) -> None:
    glue, name = aws.client("glue"), account.unique("job")
    command = {"Name": "pythonshell", "ScriptLocation": "s3://b/x.py", "PythonVersion": "3.9"}
    glue.create_job(
        Name=name, Role=GLUE, Command=command, DefaultArguments={"--a": "1"}, ExecutionProperty={"MaxConcurrentRuns": 3}
    )
    assert glue.get_job(JobName=name)["Job"]["ExecutionProperty"] == {"MaxConcurrentRuns": 3}
    glue.update_job(JobName=name, JobUpdate={"Role": GLUE, "Command": command, "Description": "new"})
    job = glue.get_job(JobName=name)["Job"]
    assert (job["Description"], job["DefaultArguments"], job["ExecutionProperty"]["MaxConcurrentRuns"]) == (
        "new",
        {},
        1,
    )
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.update_job(JobName=name, JobUpdate={"Description": "no command"})
    glue.delete_job(JobName=name)


def test_a_stream_is_listed_tagged_kept_longer_and_removed(aws: Any) -> None:
    kinesis, name = aws.client("kinesis"), account.unique("stream")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    assert name in kinesis.list_streams(Limit=1000)["StreamNames"]
    kinesis.add_tags_to_stream(StreamName=name, Tags={"a": "1", "b": "2"})
    kinesis.remove_tags_from_stream(StreamName=name, TagKeys=["a"])
    assert kinesis.list_tags_for_stream(StreamName=name)["Tags"] == [{"Key": "b", "Value": "2"}]
    for change, hours in (("increase", 48), ("decrease", 24)):
        getattr(kinesis, f"{change}_stream_retention_period")(StreamName=name, RetentionPeriodHours=hours)
        assert kinesis.describe_stream(StreamName=name)["StreamDescription"]["RetentionPeriodHours"] == hours
    with pytest.raises(ClientError, match="InvalidArgument"):
        kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=12)
    kinesis.delete_stream(StreamName=name)
    kinesis.get_waiter("stream_not_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})


def test_a_table_and_its_partitions_are_kept_found_by_expression_changed_and_removed(aws: Any) -> None:
    glue, database = aws.client("glue"), account.unique("db").replace("-", "_")
    glue.create_database(DatabaseInput={"Name": database, "Description": "d"})
    with pytest.raises(glue.exceptions.AlreadyExistsException):
        glue.create_database(DatabaseInput={"Name": database})
    columns = [{"Name": "v", "Type": "int"}]
    keys = [{"Name": "year", "Type": "int"}, {"Name": "month", "Type": "string"}]
    table = {"Name": "t", "StorageDescriptor": {"Columns": columns, "Location": "s3://b/t/"}, "PartitionKeys": keys}
    glue.create_table(DatabaseName=database.upper(), TableInput={**table, "Name": "T"})
    place = {"DatabaseName": database, "TableName": "t"}
    partitions = [
        {"Values": [str(year), month], "StorageDescriptor": {"Location": f"s3://b/t/{year}/{month}/"}}
        for year in (2025, 2026)
        for month in ("01", "02")
    ]
    assert glue.batch_create_partition(**place, PartitionInputList=partitions)["Errors"] == []
    (error,) = glue.batch_create_partition(**place, PartitionInputList=partitions[:1])["Errors"]
    assert error["ErrorDetail"]["ErrorCode"] == "AlreadyExistsException"

    def found(expression: str) -> list[list[str]]:
        return sorted(one["Values"] for one in glue.get_partitions(**place, Expression=expression)["Partitions"])

    assert found("year > 2025 AND month = '02'") == [["2026", "02"]]
    assert found("year = 2025 OR month IN ('02')") == [["2025", "01"], ["2025", "02"], ["2026", "02"]]
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.get_partitions(**place, Expression="day = 1")
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.create_partition(**place, PartitionInput={"Values": ["2027"], "StorageDescriptor": {}})
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.create_partition(DatabaseName=database, TableName="none", PartitionInput=partitions[0])
    first = glue.get_partitions(**place, MaxResults=3)
    rest = glue.get_partitions(**place, MaxResults=3, NextToken=first["NextToken"])
    assert (len(first["Partitions"]), len(rest["Partitions"]), "NextToken" in rest) == (3, 1, False)
    changed = {**partitions[0], "Parameters": {"k": "v"}}
    entry = {"PartitionValueList": ["2025", "01"], "PartitionInput": changed}
    assert glue.batch_update_partition(**place, Entries=[entry])["Errors"] == []
    assert glue.get_partition(**place, PartitionValues=["2025", "01"])["Partition"]["Parameters"] == {"k": "v"}
    glue.delete_partition(**place, PartitionValues=["2025", "01"])
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_partition(**place, PartitionValues=["2025", "01"])
    gone = [{"Values": ["2025", "02"]}, {"Values": ["1999", "01"]}]
    (error,) = glue.batch_delete_partition(**place, PartitionsToDelete=gone)["Errors"]
    assert (error["PartitionValues"], error["ErrorDetail"]["ErrorCode"]) == (["1999", "01"], "EntityNotFoundException")
    assert found("year > 0") == [["2026", "01"], ["2026", "02"]]
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.batch_delete_partition(DatabaseName=database, TableName="none", PartitionsToDelete=gone)
    glue.update_table(DatabaseName=database, TableInput={**table, "Parameters": {"classification": "csv"}})
    assert glue.get_table(DatabaseName=database, Name="t")["Table"]["Parameters"] == {"classification": "csv"}
    assert [one["Name"] for one in glue.get_tables(DatabaseName=database, Expression="t*")["TableList"]] == ["t"]
    glue.delete_database(Name=database)
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_tables(DatabaseName=database)


def test_tables_are_found_by_a_text(aws: Any) -> None:
    glue, database = aws.client("glue"), account.unique("db").replace("-", "_")
    glue.create_database(DatabaseInput={"Name": database})
    columns = [{"Name": "celsius", "Type": "double", "Comment": "of the air"}]
    descriptor = {"Columns": columns, "Location": "s3://b/t/"}
    for name, more in (
        ("indoors", {"Description": "Rooms"}),
        ("outdoors", {}),
        ("other", {"Parameters": {"k": "Rooms"}}),
    ):
        glue.create_table(DatabaseName=database, TableInput={"Name": name, "StorageDescriptor": descriptor, **more})

    def found(**asked: Any) -> list[str]:
        tables = glue.search_tables(**asked)["TableList"]
        return [table["Name"] for table in tables if table["DatabaseName"] == database]

    assert found(SearchText="DOORS") == ["indoors", "outdoors"]
    assert found(SearchText="room") == ["indoors", "other"]
    assert found(SearchText="of the air") == found(SearchText=f'"{database}"') == ["indoors", "other", "outdoors"]
    assert found(SearchText='"doors"') == []
    first = glue.search_tables(SearchText=database, MaxResults=2)
    rest = glue.search_tables(SearchText=database, MaxResults=2, NextToken=first["NextToken"])
    assert ([len(first["TableList"]), len(rest["TableList"])], "NextToken" in rest) == ([2, 1], False)
    with pytest.raises(glue.exceptions.InvalidInputException, match="SortCriteria"):
        glue.search_tables(SortCriteria=[{"FieldName": "UpdateTime", "Sort": "ASC"}])
    glue.delete_database(Name=database)


def test_a_table_keeps_its_versions_and_shows_what_was_given(aws: Any) -> None:
    glue, database = aws.client("glue"), account.unique("db").replace("-", "_")
    glue.create_database(DatabaseInput={"Name": database})
    glue.create_table(DatabaseName=database, TableInput={"Name": "t", "Description": "one"})
    glue.update_table(DatabaseName=database, TableInput={"Name": "T", "Description": "two"})
    glue.update_table(DatabaseName=database, TableInput={"Name": "t", "Description": "three"}, SkipArchive=True)
    glue.update_table(DatabaseName=database, TableInput={"Name": "t", "Description": "four"})
    place = {"DatabaseName": database, "TableName": "t"}
    found = glue.get_table_versions(**place)["TableVersions"]
    assert [one["Table"]["Description"] for one in found] == ["four", "three", "one"]
    ids = [int(one["VersionId"]) for one in found]
    assert ids == sorted(ids, reverse=True)
    oldest = glue.get_table_version(**place, VersionId=found[-1]["VersionId"])["TableVersion"]
    assert oldest == found[-1]
    assert glue.get_table_version(**place)["TableVersion"] == found[0]
    first = glue.get_table_versions(**place, MaxResults=2)
    (rest,) = glue.get_table_versions(**place, MaxResults=2, NextToken=first["NextToken"])["TableVersions"]
    assert rest == oldest
    shown = glue.get_table(DatabaseName=database, Name="t")["Table"]
    assert not {"Owner", "ViewOriginalText", "ViewExpandedText", "ArchivedVersions"} & set(shown)
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table_version(**place, VersionId="99")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table_versions(DatabaseName=database, TableName="none")
    glue.delete_database(Name=database)
