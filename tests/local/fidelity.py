"""Which operation of the embedded AWS answers as AWS does, in part, or not at all, and the test that proves it.

``python -m tests.local.fidelity`` writes the table of docs/local-aws.md; a test holds it current and complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from lab import stackdocs
from lab.local import resources, stock_types

PAGE: Final = "local-aws.md"
PART: Final = "operations"


@dataclass(frozen=True)
class Row:
    """Operations that are alike. differs: in what, or why they are refused; proof: the name of a test."""

    service: str
    operations: tuple[str, ...]
    verdict: Literal["faithful", "partial", "refused"]
    proof: str
    differs: str = ""


ROWS: Final = (
    Row(
        "AWS IoT: MQTT",
        ("CONNECT", "PUBLISH", "SUBSCRIBE", "last will", "persistent sessions"),
        "faithful",
        "test_a_persistent_session_is_given_what_it_missed",
    ),
    Row("AWS IoT: MQTT", ("policies",), "faithful", "test_what_a_device_may_not_receive_is_not_sent_to_it"),
    Row(
        "AWS IoT: MQTT",
        ("certificates",),
        "faithful",
        "test_a_live_connection_ends_when_its_certificate_is_no_longer_active",
        "a revoked device is disconnected at once, on AWS within minutes",
    ),
    Row(
        "AWS IoT: MQTT",
        ("retained messages",),
        "faithful",
        "test_a_retained_message_is_sent_for_its_exact_topic_and_for_no_wildcard",
    ),
    Row(
        "AWS IoT: MQTT",
        ("quality of service 2",),
        "refused",
        "test_quality_of_service_two_ends_the_connection",
        "as AWS",
    ),
    Row(
        "AWS IoT: MQTT",
        ("MQTT 3.1.1 and MQTT 5",),
        "faithful",
        "test_mqtt_5_is_served",
    ),
    Row(
        "AWS IoT: MQTT",
        ("the endpoint of devices",),
        "faithful",
        "test_a_device_is_told_where_the_gateway_listens",
        "an address of loopback, with its port unless that is 8883",
    ),
    Row(
        "AWS IoT: MQTT",
        ("MQTT over WebSocket",),
        "refused",
        "test_it_listens_on_loopback_alone_and_on_two_ports_alone",
        "devices use port 8883",
    ),
    Row(
        "AWS IoT",
        ("CreateKeysAndCertificate", "UpdateCertificate", "CreatePolicy", "AttachPolicy", "CreateThing"),
        "faithful",
        "test_a_registered_certificate_is_let_in",
    ),
    Row("AWS IoT", ("Publish",), "faithful", "test_a_published_message_is_found_by_scan"),
    Row("AWS IoT", ("CreateTopicRule", "GetTopicRule"), "faithful", "test_a_rule_that_would_not_run_is_refused"),
    Row(
        "AWS IoT: rules",
        ("SQL 2016-03-23",),
        "partial",
        "test_an_expression_has_the_value_of_the_developer_guide",
        "functions that call another service (aws_lambda, get_thing_shadow …) are refused when the rule is made, as is "
        "decode from Protobuf, whose descriptors lie in S3",
    ),
    Row(
        "AWS IoT: rules",
        ("dynamoDB", "dynamoDBv2", "kinesis", "firehose", "s3", "sqs", "sns", "cloudwatchLogs"),
        "faithful",
        "test_with_all_permissions_every_action_arrives_and_no_error_is_told",
    ),
    Row("AWS IoT: rules", ("republish",), "faithful", "test_a_republished_message_meets_the_other_rules"),
    Row(
        "AWS IoT: rules",
        ("MQTT 5 headers in SQL",),
        "faithful",
        "test_headers_of_mqtt_5_reach_a_rule_and_end_with_their_message",
    ),
    Row("AWS IoT: rules", ("error action",), "faithful", "test_a_string_against_a_number_key_ends_in_the_error_action"),
    Row("AWS IoT: rules", ("other actions",), "refused", "test_a_rule_that_would_not_run_is_refused", "by name"),
    Row(
        "Kinesis",
        ("CreateStream", "DescribeStream", "ListShards", "PutRecord", "PutRecords", "GetShardIterator", "GetRecords"),
        "faithful",
        "test_when_killed_at_random_moments_nothing_acknowledged_is_lost_and_deliveries_go_on",
    ),
    Row(
        "Kinesis",
        (
            *("DeleteStream", "ListStreams", "IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod"),
            *("AddTagsToStream", "ListTagsForStream", "RemoveTagsFromStream"),
        ),
        "faithful",
        "test_a_stream_is_listed_tagged_kept_longer_and_removed",
    ),
    Row(
        "Kinesis",
        ("SplitShard", "MergeShards", "UpdateShardCount", "DescribeStreamSummary"),
        "faithful",
        "test_whatever_is_done_the_open_shards_share_all_hash_keys_and_no_record_is_dropped",
    ),
    Row(
        "Firehose",
        ("CreateDeliveryStream",),
        "partial",
        "test_what_is_wrong_or_not_served_is_refused_by_name_when_it_is_made",
        "S3 alone, from Kinesis or direct put; Lambda, format conversion, dynamic partitioning, backup, other "
        "compressions and KMS keys are refused; ACTIVE at once",
    ),
    Row("Firehose", ("PutRecord", "PutRecordBatch"), "faithful", "test_limits_of_a_put_are_those_of_firehose"),
    Row(
        "Firehose",
        ("UpdateDestination",),
        "faithful",
        "test_an_update_takes_effect_for_what_comes_after_and_raises_the_version",
    ),
    Row(
        "Firehose",
        ("DescribeDeliveryStream", "ListDeliveryStreams", "ListTagsForDeliveryStream"),
        "faithful",
        "test_tags_and_lists_show_what_was_made",
    ),
    Row(
        "Firehose",
        ("TagDeliveryStream", "UntagDeliveryStream", "DeleteDeliveryStream"),
        "faithful",
        "test_tags_and_lists_show_what_was_made",
    ),
    Row(
        "Firehose",
        ("StartDeliveryStreamEncryption", "StopDeliveryStreamEncryption"),
        "refused",
        "test_whatever_is_sent_is_answered_or_refused_as_aws_refuses",
        "by name",
    ),
    Row(
        "Glue crawlers",
        ("CreateCrawler", "UpdateCrawler", "DeleteCrawler"),
        "partial",
        "test_when_a_crawler_asks_for_what_is_not_served_it_is_refused_and_not_made",
        "targets S3 and DynamoDB; other targets, security configurations and lineage are refused",
    ),
    Row(
        "Glue crawlers",
        ("StartCrawler", "GetCrawler", "GetCrawlers", "ListCrawlers", "BatchGetCrawlers", "GetCrawlerMetrics"),
        "faithful",
        "test_when_parquet_lies_in_days_it_is_one_table_with_partitions",
    ),
    Row(
        "Glue crawlers",
        ("StopCrawler", "ListCrawls"),
        "faithful",
        "test_when_a_crawl_is_under_way_it_can_be_stopped_and_nothing_else",
    ),
    Row(
        "Glue crawlers",
        ("UpdateCrawlerSchedule", "StartCrawlerSchedule", "StopCrawlerSchedule"),
        "faithful",
        "test_when_a_schedule_is_changed_stopped_or_started_its_state_says_so",
    ),
    Row(
        "Glue catalog",
        (
            *("CreateDatabase", "GetDatabase", "GetDatabases", "UpdateDatabase", "DeleteDatabase", "CreateTable"),
            *("GetTable", "GetTables", "UpdateTable", "DeleteTable", "BatchDeleteTable", "CreatePartition"),
            *("BatchCreatePartition", "GetPartition", "GetPartitions", "BatchGetPartition", "BatchUpdatePartition"),
            *("DeletePartition", "BatchDeletePartition", "TagResource", "UntagResource", "GetTags"),
        ),
        "faithful",
        "test_a_table_and_its_partitions_are_kept_found_by_expression_changed_and_removed",
    ),
    Row(
        "Glue catalog",
        ("GetTableVersion", "GetTableVersions"),
        "faithful",
        "test_a_table_keeps_its_versions_and_shows_what_was_given",
    ),
    Row(
        "Glue catalog",
        ("SearchTables",),
        "partial",
        "test_tables_are_found_by_a_text",
        "a text; filters and orders are refused",
    ),
    Row(
        "Glue crawlers",
        ("CreateClassifier", "connections", "security configurations", "registries", "others"),
        "refused",
        "test_an_operation_that_nobody_checked_is_refused_by_its_name",
        "by name",
    ),
    Row(
        "Glue jobs",
        ("CreateJob", "UpdateJob", "GetJob", "GetJobs", "DeleteJob"),
        "faithful",
        "test_a_job_keeps_its_whole_definition_and_an_update_overwrites_it",
    ),
    Row(
        "Glue jobs",
        ("StartJobRun",),
        "partial",
        "test_when_a_command_is_no_script_of_ours_it_is_refused_by_name",
        "glueetl and pythonshell, on Spark of this computer; workers and their type change nothing",
    ),
    Row(
        "Glue jobs",
        ("GetJobRun", "GetJobRuns", "BatchStopJobRun"),
        "faithful",
        "test_when_runs_are_many_they_come_newest_first_in_pages",
    ),
    Row(
        "Glue jobs",
        ("GetJobBookmark", "ResetJobBookmark"),
        "partial",
        "test_a_job_has_no_bookmark_because_none_is_ever_committed",
        "answered as for a job that never committed one: DynamicFrames, which do, are not served",
    ),
    Row(
        "Glue jobs",
        (
            *("CreateTrigger", "UpdateTrigger", "DeleteTrigger", "GetTrigger", "GetTriggers", "BatchGetTriggers"),
            *("ListTriggers", "StartTrigger", "StopTrigger", "CreateWorkflow", "UpdateWorkflow", "DeleteWorkflow"),
            *("GetWorkflow", "StartWorkflowRun"),
        ),
        "refused",
        "test_when_a_trigger_or_a_workflow_is_asked_for_it_is_refused_by_name",
        "schedules start jobs",
    ),
    Row(
        "EventBridge Scheduler",
        ("CreateSchedule", "UpdateSchedule", "GetSchedule", "ListSchedules", "DeleteSchedule"),
        "partial",
        "test_when_a_target_is_wrong_the_schedule_is_refused_and_not_made",
        "targets of services that are not served here are refused",
    ),
    Row(
        "EventBridge Scheduler",
        (
            *("CreateScheduleGroup", "GetScheduleGroup", "DeleteScheduleGroup", "ListScheduleGroups"),
            *("TagResource", "UntagResource", "ListTagsForResource"),
        ),
        "faithful",
        "test_when_groups_are_asked_for_they_are_shown_tagged_and_removed_with_their_schedules",
    ),
    Row(
        "Athena",
        ("StartQueryExecution",),
        "partial",
        "test_a_query_that_trino_refuses_fails_with_its_name",
        "what the engine cannot answer rightly fails with NOT_SUPPORTED; Iceberg is refused",
    ),
    Row(
        "Athena",
        (
            "GetQueryExecution",
            "GetQueryResults",
            "GetQueryRuntimeStatistics",
            "BatchGetQueryExecution",
            "ListQueryExecutions",
        ),
        "faithful",
        "test_an_answer_of_many_rows_comes_in_pages_with_the_names_first",
    ),
    Row("Athena", ("StopQueryExecution",), "faithful", "test_a_running_query_is_stopped"),
    Row(
        "Athena",
        (
            "CreateWorkGroup",
            "GetWorkGroup",
            "UpdateWorkGroup",
            "ListWorkGroups",
            "DeleteWorkGroup",
            "ListEngineVersions",
        ),
        "faithful",
        "test_a_group_that_enforces_its_place_overrides_the_request",
    ),
    Row(
        "Athena",
        (
            *("CreatePreparedStatement", "GetPreparedStatement", "UpdatePreparedStatement", "ListPreparedStatements"),
            *("DeletePreparedStatement", "BatchGetPreparedStatement"),
        ),
        "faithful",
        "test_prepared_statements_are_kept_and_listed",
    ),
    Row(
        "Athena",
        (
            *("CreateNamedQuery", "GetNamedQuery", "UpdateNamedQuery", "ListNamedQueries", "DeleteNamedQuery"),
            *("BatchGetNamedQuery", "TagResource", "UntagResource", "ListTagsForResource"),
        ),
        "faithful",
        "test_a_named_query_is_kept_changed_listed_tagged_and_forgotten",
    ),
    Row(
        "Athena",
        ("CreateDataCatalog", "GetDataCatalog", "UpdateDataCatalog", "ListDataCatalogs", "DeleteDataCatalog"),
        "partial",
        "test_a_catalog_is_registered_changed_listed_and_removed",
        "the DynamoDB connector and Glue; other connectors are refused",
    ),
    Row(
        "Athena",
        ("GetDatabase", "ListDatabases", "GetTableMetadata", "ListTableMetadata"),
        "faithful",
        "test_schemas_and_tables_are_those_that_the_connector_shows",
    ),
    Row(
        "CloudWatch",
        ("PutMetricData", "GetMetricStatistics", "GetMetricData", "ListMetrics"),
        "faithful",
        "test_statistics_without_dimensions_are_those_of_the_metric_without_any",
    ),
    Row(
        "CloudWatch",
        ("metrics of AWS/Kinesis, AWS/Firehose, AWS/IoT (rules and actions) and AWS/SQS",),
        "partial",
        "test_a_delivery_stream_tells_what_came_in_what_it_delivered_and_how_old_it_was",
        "those that an alarm may need; nothing is throttled here, so nothing tells of it; other services tell nothing",
    ),
    Row(
        "CloudWatch",
        ("PutMetricAlarm", "DescribeAlarms", "SetAlarmState", "DeleteAlarms"),
        "partial",
        "test_an_alarm_that_changes_tells_its_topic_the_bus_and_its_history",
        "alarms tell SNS topics; metric math, anomaly detection and other actions are refused; a minute counts as soon "
        "as it is over",
    ),
    Row(
        "CloudWatch",
        (
            *("DescribeAlarmsForMetric", "DescribeAlarmHistory", "EnableAlarmActions", "DisableAlarmActions"),
            *("TagResource", "UntagResource", "ListTagsForResource"),
        ),
        "faithful",
        "test_an_alarm_that_changes_tells_its_topic_the_bus_and_its_history",
    ),
    Row(
        "CloudWatch",
        ("PutCompositeAlarm",),
        "faithful",
        "test_a_composite_alarm_follows_the_alarms_of_its_rule",
    ),
    Row(
        "CloudWatch",
        ("PutDashboard", "GetDashboard", "ListDashboards", "DeleteDashboards"),
        "faithful",
        "test_a_dashboard_is_kept_shown_and_removed",
    ),
    Row(
        "CloudWatch Logs",
        (
            *("CreateLogGroup", "DescribeLogGroups", "DeleteLogGroup", "PutRetentionPolicy", "DeleteRetentionPolicy"),
            *("CreateLogStream", "DescribeLogStreams", "DeleteLogStream", "PutLogEvents", "GetLogEvents"),
            *("TagResource", "UntagResource", "ListTagsForResource", "TagLogGroup", "UntagLogGroup"),
            "ListTagsLogGroup",
        ),
        "faithful",
        "test_a_log_group_keeps_what_it_is_told_until_it_is_removed",
    ),
    Row(
        "CloudWatch Logs",
        ("PutMetricFilter", "DescribeMetricFilters", "DeleteMetricFilter"),
        "partial",
        "test_a_metric_filter_counts_what_matches_and_raises_its_alarm",
        "patterns of terms, a number as value; other patterns, values and dimensions of the event are refused",
    ),
    Row(
        "CloudWatch Logs",
        ("FilterLogEvents",),
        "partial",
        "test_events_are_found_by_terms_and_no_other_pattern",
        "patterns of terms; JSON, columns and expressions are refused",
    ),
    Row(
        "CloudWatch Logs",
        ("PutSubscriptionFilter",),
        "refused",
        "test_events_are_found_by_terms_and_no_other_pattern",
        "by name",
    ),
    Row(
        "CloudWatch Logs",
        ("PutDestination", "PutDeliverySource", "CreateDelivery", "StartQuery", "StartLiveTail", "others"),
        "refused",
        "test_an_operation_that_nobody_checked_is_refused_by_its_name",
        "by name",
    ),
    Row(
        "CloudFormation",
        ("CreateChangeSet", "ExecuteChangeSet", "DescribeStacks", "DeleteStack"),
        "partial",
        "test_level_1_is_deployed_by_the_command_line_and_a_second_time_there_is_nothing_to_do",
        "types that are not served are refused before anything is made; custom resources are refused",
    ),
    Row(
        "CloudFormation",
        (*sorted({*stock_types.CHECKED, *resources.TYPES}),),
        "partial",
        "test_a_type_that_is_not_served_is_refused_by_name_before_anything_is_made",
        "no other type; a property that does not exist is not noticed",
    ),
    Row(
        "CloudFormation",
        ("the moment of the answer",),
        "partial",
        "test_a_client_that_looks_at_once_finds_the_stack_made_and_then_gone",
        "an answer that begins work on a stack comes with its end, after three seconds at the latest; on AWS at once",
    ),
    Row(
        "CloudFormation",
        ("updates in place, by replacement, rolled back",),
        "faithful",
        "test_a_change_that_cannot_be_made_in_place_replaces_the_resource_unless_it_has_a_name_of_its_own",
    ),
    Row(
        "EventBridge",
        ("PutRule", "PutEvents", "RemoveTargets", "DeleteRule"),
        "partial",
        "test_an_alarm_that_changes_tells_its_topic_the_bus_and_its_history",
        "services that tell events themselves: Glue of jobs and crawlers, CloudWatch of alarms",
    ),
    Row(
        "EventBridge",
        (
            *("DescribeRule", "ListRules", "EnableRule", "DisableRule", "ListTargetsByRule", "ListRuleNamesByTarget"),
            *("CreateEventBus", "DescribeEventBus", "ListEventBuses", "DeleteEventBus", "TagResource"),
            *("UntagResource", "ListTagsForResource"),
        ),
        "faithful",
        "test_events_of_a_bus_of_its_own_meet_the_rules_of_that_bus_alone",
    ),
    Row(
        "EventBridge",
        ("TestEventPattern",),
        "faithful",
        "test_a_pattern_matches_as_the_users_guide_says",
    ),
    Row(
        "EventBridge",
        ("archives", "replays", "connections", "API destinations", "permissions of other accounts"),
        "refused",
        "test_an_operation_that_nobody_checked_is_refused_by_its_name",
        "by name",
    ),
    Row(
        "EventBridge",
        ("PutTargets",),
        "partial",
        "test_a_target_that_would_get_nothing_is_refused",
        "SQS, SNS, Kinesis, Firehose and event buses; other targets are refused",
    ),
    Row(
        "EventBridge",
        ("retry policies and dead-letter queues of targets",),
        "faithful",
        "test_an_event_that_its_queue_does_not_admit_ends_in_the_dead_letter_queue",
    ),
    Row(
        "IAM and STS",
        ("roles", "policies", "AssumeRole", "signatures"),
        "faithful",
        "test_without_one_permission_that_action_alone_fails_and_the_error_action_names_it",
        "there is no root user",
    ),
    Row(
        "IAM and STS",
        ("trust policies",),
        "faithful",
        "test_a_rule_uses_a_role_only_when_the_trust_policy_means_that_rule",
        "rules, delivery streams and schedules say their source (aws:SourceArn, aws:SourceAccount), Firehose its "
        "account as sts:ExternalId; Glue says nothing, as its guide does not tell that it would",
    ),
    Row(
        "DynamoDB",
        (
            *("CreateTable", "DescribeTable", "UpdateTable", "ListTables", "DeleteTable", "PutItem", "GetItem"),
            *("UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem", "TransactGetItems"),
            *("TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"),
            *("UpdateTimeToLive", "DescribeTimeToLive", "DescribeLimits", "DescribeEndpoints", "TagResource"),
            *("UntagResource", "ListTagsOfResource"),
        ),
        "faithful",
        "test_an_item_is_written_only_under_its_condition_and_found_by_key_filter_and_statement",
    ),
    Row(
        "DynamoDB",
        ("UpdateContinuousBackups", "DescribeContinuousBackups"),
        "partial",
        "test_an_operation_that_nobody_checked_is_refused_by_its_name",
        "the setting is kept; backups, restores, exports and imports are refused",
    ),
    Row(
        "SNS",
        (
            *("CreateTopic", "DeleteTopic", "ListTopics", "GetTopicAttributes", "SetTopicAttributes", "Subscribe"),
            *("ConfirmSubscription", "Unsubscribe", "ListSubscriptions", "ListSubscriptionsByTopic", "Publish"),
            *("PublishBatch", "GetSubscriptionAttributes", "SetSubscriptionAttributes", "AddPermission"),
            *("RemovePermission", "TagResource", "UntagResource", "ListTagsForResource"),
        ),
        "partial",
        "test_sns_reaches_its_subscribers",
        "queues; e-mail, text messages and push notifications go nowhere",
    ),
    Row(
        "SSM",
        (
            *("PutParameter", "GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory"),
            *("DescribeParameters", "LabelParameterVersion", "DeleteParameter", "DeleteParameters"),
            *("AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"),
        ),
        "partial",
        "test_an_operation_that_nobody_checked_is_refused_by_its_name",
        "parameters; commands, documents and the rest are refused",
    ),
    Row(
        "DynamoDB, S3, SQS, SNS, CloudWatch Logs",
        ("reading and writing",),
        "faithful",
        "test_when_killed_at_random_moments_nothing_acknowledged_is_lost_and_deliveries_go_on",
        "what was acknowledged less than five seconds before a crash may be lost, S3 objects excepted",
    ),
    Row("others", ("every other service",), "refused", "test_a_service_that_nobody_checked_is_refused", "by name"),
)


def table() -> str:
    """Return the rows as a table."""
    lines = ["| service | operations | answer | what differs | proof |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {row.service} | {', '.join(row.operations)} | {row.verdict} | {row.differs} | `{row.proof}` |"
        for row in ROWS
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    stackdocs.renew(PAGE, {PART: table()})
