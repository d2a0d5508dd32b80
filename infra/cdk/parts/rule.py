"""The IoT rule: every reading into the table, and into the streams of the stages that are fed."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iot as iot
from aws_cdk import aws_logs as logs
from constructs import Construct
from settings import Settings

from parts.logs import log_group
from parts.roles import ServiceRole

SQL = "SELECT * FROM 'device/+/data' WHERE device_id = topic(2)"
"""Only a message that names its own topic's device is a reading; a device cannot write under another's name."""


class SensorRule(Construct):
    """Rule, role, error log group and the metric that counts the log's events.

    The table action is dynamoDBv2: it makes an attribute of each member, so that the crawler and every query see
    ``temperature`` and ``humidity``; docs/adr tells why not the older action.
    Source: https://docs.aws.amazon.com/iot/latest/developerguide/dynamodb-v2-rule-action.html
    """

    def __init__(self, scope: Construct, construct_id: str, settings: Settings, table: dynamodb.Table) -> None:
        """Parameters: table, with the key device_id (String), timestamp (Number)."""
        super().__init__(scope, construct_id)
        names = settings.names
        self.errors = log_group(self, "Errors", settings, names.rule_error_log_group)
        role = ServiceRole(self, "Role", "iot.amazonaws.com", "IoT rule: store readings, log what failed")
        role.allow("dynamodb:PutItem", on=[table.table_arn])
        role.allow(
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
            on=[self.errors.log_group_arn],
        )
        actions = [_into_table(role.role_arn, table.table_name)]
        for stage in settings.feed_stages:
            stream = names.stream_of(stage)
            arn = cdk.Stack.of(self).format_arn(service="kinesis", resource="stream", resource_name=stream)
            role.allow("kinesis:PutRecord", on=[arn])
            actions.append(_into_stream(role.role_arn, stream))
        self.rule = iot.CfnTopicRule(
            self,
            "Rule",
            rule_name=names.rule,
            topic_rule_payload=iot.CfnTopicRule.TopicRulePayloadProperty(
                description="Stores each reading; a failed action goes to the error log.",
                aws_iot_sql_version="2016-03-23",
                sql=SQL,
                rule_disabled=False,
                actions=actions,
                error_action=iot.CfnTopicRule.ActionProperty(
                    cloudwatch_logs=iot.CfnTopicRule.CloudwatchLogsActionProperty(
                        log_group_name=self.errors.log_group_name, role_arn=role.role_arn
                    )
                ),
            ),
        )
        self.error_metric: cloudwatch.Metric = logs.MetricFilter(
            self,
            "ErrorCount",
            log_group=self.errors,
            filter_pattern=logs.FilterPattern.all_events(),
            metric_namespace=names.level1_stack,
            metric_name="RuleErrors",
            metric_value="1",
        ).metric(statistic="Sum", period=cdk.Duration.minutes(5))


def _into_table(role_arn: str, table: str) -> iot.CfnTopicRule.ActionProperty:
    return iot.CfnTopicRule.ActionProperty(
        dynamo_d_bv2=iot.CfnTopicRule.DynamoDBv2ActionProperty(
            put_item=iot.CfnTopicRule.PutItemInputProperty(table_name=table), role_arn=role_arn
        )
    )


def _into_stream(role_arn: str, stream: str) -> iot.CfnTopicRule.ActionProperty:
    return iot.CfnTopicRule.ActionProperty(
        kinesis=iot.CfnTopicRule.KinesisActionProperty(
            stream_name=stream, partition_key="${device_id}", role_arn=role_arn
        )
    )
