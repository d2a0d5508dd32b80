from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.infra.templates import allowed, of_type, only, statements, text

Template = dict[str, Any]
HERE = "ap-northeast-1:111122223333"


def test_the_table_has_the_key_of_a_reading_and_the_care_of_the_specification(level1: Template) -> None:
    table = only(level1, "AWS::DynamoDB::Table")
    assert table["TableName"] == "attempt-dynamodb-sensor-data"
    assert table["KeySchema"] == [
        {"AttributeName": "device_id", "KeyType": "HASH"},
        {"AttributeName": "timestamp", "KeyType": "RANGE"},
    ]
    assert table["AttributeDefinitions"] == [
        {"AttributeName": "device_id", "AttributeType": "S"},
        {"AttributeName": "timestamp", "AttributeType": "N"},
    ]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}


def test_the_rule_stores_a_reading_of_its_own_topic_and_feeds_the_stream(level1: Template) -> None:
    rule = only(level1, "AWS::IoT::TopicRule")
    payload = rule["TopicRulePayload"]
    assert rule["RuleName"] == "attempt_iot_rule_sensor_data"
    assert payload["Sql"] == "SELECT * FROM 'device/+/data' WHERE device_id = topic(2)"
    assert payload["AwsIotSqlVersion"] == "2016-03-23"
    into_table, into_stream = payload["Actions"]
    assert into_table["DynamoDBv2"]["PutItem"]["TableName"]["Ref"].startswith("Readings")
    assert into_stream["Kinesis"]["StreamName"] == "datastreamer-staging-stream"
    assert into_stream["Kinesis"]["PartitionKey"] == "${device_id}"


def test_a_failed_action_goes_to_the_error_log(level1: Template) -> None:
    action = only(level1, "AWS::IoT::TopicRule")["TopicRulePayload"]["ErrorAction"]["CloudwatchLogs"]
    assert action["LogGroupName"]["Ref"].startswith("SensorRuleErrors")
    log_group = level1["Resources"][action["LogGroupName"]["Ref"]]["Properties"]
    assert log_group["LogGroupName"] == "/aws/iot/rule/attempt-iot-rule-sensor-data/errors"
    assert log_group["RetentionInDays"] == 30


def test_without_a_fed_stage_the_rule_writes_to_the_table_alone(synth: Callable[..., Template]) -> None:
    template = synth("level1")
    assert len(only(template, "AWS::IoT::TopicRule")["TopicRulePayload"]["Actions"]) == 1
    assert not any("kinesis" in action for action, _ in allowed(statements(template, "iot.amazonaws.com")))


def test_the_rule_may_do_its_actions_and_nothing_else(level1: Template) -> None:
    may = allowed(statements(level1, "iot.amazonaws.com"))
    assert {action for action, _ in may} == {
        "dynamodb:PutItem",
        "kinesis:PutRecord",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    }
    assert ("kinesis:PutRecord", f"arn:aws:kinesis:{HERE}:stream/datastreamer-staging-stream") in may
    assert all(resource != "*" for _, resource in may)


def test_the_crawler_runs_daily_at_two_and_reads_one_table(level1: Template) -> None:
    crawler = only(level1, "AWS::Glue::Crawler")
    assert crawler["Name"] == "attempt-glue-crawler-sensor-data"
    assert crawler["Schedule"] == {"ScheduleExpression": "cron(0 2 * * ? *)"}
    assert [target["Path"]["Ref"][:8] for target in crawler["Targets"]["DynamoDBTargets"]] == ["Readings"]
    may = allowed(statements(level1, "glue.amazonaws.com"))
    assert {resource[:9] for action, resource in may if action.startswith("dynamodb:")} == {"<Readings"}
    assert ("glue:CreateTable", f"arn:aws:glue:{HERE}:table/attempt-glue-database-sensor/*") in may
    assert all(resource != "*" for _, resource in may)


def test_the_database_carries_the_flag_by_which_the_connector_lists_it(level1: Template) -> None:
    database = only(level1, "AWS::Glue::Database")["DatabaseInput"]
    assert database["Name"] == "attempt-glue-database-sensor"
    assert "dynamo-db-flag" in database["LocationUri"]


def test_the_workgroup_encrypts_results_and_limits_scans(level1: Template) -> None:
    group = only(level1, "AWS::Athena::WorkGroup")
    configuration = group["WorkGroupConfiguration"]
    assert group["Name"] == "attempt-athena-workgroup-sensor"
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == 1024 * 1024 * 1024
    result = configuration["ResultConfiguration"]
    assert result["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    assert text(result["OutputLocation"]).startswith("s3://<Results")


def test_a_device_connects_as_itself_and_publishes_its_own_readings_only(level1: Template) -> None:
    connect, publish = only(level1, "AWS::IoT::Policy")["PolicyDocument"]["Statement"]
    assert connect["Action"] == "iot:Connect"
    assert text(connect["Resource"]).endswith(f":iot:{HERE}:client/${{iot:Connection.Thing.ThingName}}")
    assert connect["Condition"] == {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
    assert publish["Action"] == "iot:Publish"
    assert text(publish["Resource"]).endswith(f":iot:{HERE}:topic/device/${{iot:Connection.Thing.ThingName}}/data")


def test_every_bucket_is_private_encrypted_and_tls_only(level1: Template, datastreamer: Template) -> None:
    for template in (level1, datastreamer):
        buckets = of_type(template, "AWS::S3::Bucket")
        policies = of_type(template, "AWS::S3::BucketPolicy")
        assert len(buckets) == len(policies) == 2
        for bucket in buckets:
            assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
            rule = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
            assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
            assert any("ExpirationInDays" in entry for entry in bucket["LifecycleConfiguration"]["Rules"])
        for policy in policies:
            (denied,) = policy["PolicyDocument"]["Statement"]
            assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_connector_reads_one_table_under_a_role_of_ours(level1: Template) -> None:
    application = only(level1, "AWS::Serverless::Application")
    catalog = only(level1, "AWS::Athena::DataCatalog")
    parameters = application["Parameters"]
    assert application["Location"]["ApplicationId"].endswith("applications/AthenaDynamoDBConnector")
    assert parameters["AthenaCatalogName"] == catalog["Name"] == "attempt-athena-catalog-dynamodb"
    assert (parameters["LambdaMemory"], parameters["LambdaTimeout"]) == ("3008", "900")
    assert parameters["DisableSpillEncryption"] == "false"
    assert text(parameters["LambdaRole"]).startswith("<ConnectorRole")
    assert catalog["Type"] == "LAMBDA"
    assert catalog["Parameters"]["function"].endswith(":function:attempt-athena-catalog-dynamodb")
    may = allowed(statements(level1, "lambda.amazonaws.com"))
    assert {action for action, resource in may if resource == "*"} == {"dynamodb:ListTables"}
    assert {resource[:9] for action, resource in may if action == "dynamodb:Scan"} == {"<Readings"}


def test_the_connector_writes_into_a_log_group_that_forgets_and_cannot_make_another(level1: Template) -> None:
    groups = {group["LogGroupName"]: group["RetentionInDays"] for group in of_type(level1, "AWS::Logs::LogGroup")}
    assert groups["/aws/lambda/attempt-athena-catalog-dynamodb"] == 30
    may = allowed(statements(level1, "lambda.amazonaws.com"))
    assert {resource[:13] for action, resource in may if action.startswith("logs:")} == {"<ConnectorLog"}
    assert not any(action == "logs:CreateLogGroup" for action, _ in may)
    (application,) = [
        entry for entry in level1["Resources"].values() if entry["Type"] == "AWS::Serverless::Application"
    ]
    assert [name[:12] for name in application["DependsOn"]] == ["ConnectorLog"]


def test_the_connector_is_off_by_default(synth: Callable[..., Template]) -> None:
    template = synth("level1")
    assert of_type(template, "AWS::Athena::DataCatalog") == []
    assert "CatalogName" not in template["Outputs"]


def test_an_event_in_the_error_log_raises_the_alarm(level1: Template) -> None:
    counted = only(level1, "AWS::Logs::MetricFilter")
    (alarm,) = [found for found in of_type(level1, "AWS::CloudWatch::Alarm") if found["MetricName"] == "RuleErrors"]
    metric = counted["MetricTransformations"][0]
    assert counted["FilterPattern"] == ""
    assert (alarm["Namespace"], alarm["MetricName"]) == (metric["MetricNamespace"], metric["MetricName"])
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    assert alarm["AlarmActions"][0]["Ref"].startswith("AlarmsTopic")


def test_what_never_reaches_an_action_raises_an_alarm_too(level1: Template) -> None:
    rule = [{"Name": "RuleName", "Value": "attempt_iot_rule_sensor_data"}]
    found = {
        alarm["MetricName"]: alarm["Dimensions"]
        for alarm in of_type(level1, "AWS::CloudWatch::Alarm")
        if alarm["Namespace"] == "AWS/IoT"
    }
    assert found == {"ParseError": rule, "RuleMessageThrottled": rule}
    detail = only(level1, "AWS::Events::Rule")["EventPattern"]["detail"]
    assert detail == {"crawlerName": ["attempt-glue-crawler-sensor-data"], "state": ["Failed"]}


def test_the_outputs_are_those_that_the_lab_reads(level1: Template) -> None:
    assert set(level1["Outputs"]) >= {
        "TableName",
        "TableArn",
        "RuleName",
        "ErrorLogGroupName",
        "DatabaseName",
        "CrawlerName",
        "WorkGroupName",
        "CatalogName",
        "ResultsBucketName",
        "SpillBucketName",
        "DevicePolicyName",
        "RawTopicPattern",
    }


def test_prod_keeps_data_and_logs_and_staging_removes_them(synth: Callable[..., Template]) -> None:
    kinds = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Kinesis::Stream", "AWS::Logs::LogGroup")
    for stage, policy in (("prod", "Retain"), ("staging", "Delete")):
        for stack in ("level1", "datastreamer", "level2"):
            resources = synth(stack, stage=stage)["Resources"].values()
            found = {entry["DeletionPolicy"] for entry in resources if entry["Type"] in kinds}
            assert found == {policy}, (stack, stage)
    assert only(synth("level1", stage="prod"), "AWS::DynamoDB::Table")["DeletionProtectionEnabled"] is True


def test_an_address_and_a_budget_are_told_when_they_are_set(synth: Callable[..., Template]) -> None:
    template = synth("level1", alarmEmail="teacher@example.com", monthlyBudgetUsd="10")
    assert only(template, "AWS::SNS::Subscription")["Endpoint"] == "teacher@example.com"
    budget = only(template, "AWS::Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 10, "Unit": "USD"}
    thresholds = [entry["Notification"]["Threshold"] for entry in budget["NotificationsWithSubscribers"]]
    assert thresholds == [80, 100]


def test_a_class_prefix_gives_every_student_names_of_their_own(synth: Callable[..., Template]) -> None:
    template = synth("level1", prefix="ann")
    assert only(template, "AWS::DynamoDB::Table")["TableName"] == "ann-attempt-dynamodb-sensor-data"
    assert only(template, "AWS::IoT::TopicRule")["RuleName"] == "ann_attempt_iot_rule_sensor_data"


def test_level_1_carries_its_tags(level1: Template) -> None:
    tags = {entry["Key"]: entry["Value"] for entry in only(level1, "AWS::DynamoDB::Table")["Tags"]}
    assert tags == {"PROJECT": "attempt-iot-monitoring", "STAGE": "staging"}
