"""IoT rules whose failed actions are kept, counted and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iot as iot
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct
from settings import Settings

from parts.logs import log_group
from parts.roles import ServiceRole

Action = Callable[[ServiceRole], iot.CfnTopicRule.ActionProperty]
"""Makes an action that a rule carries out under a role, and lets the role do it."""


class Rule(Construct):
    """Rule, role, error log group and the metric that counts the log's events.

    A message that one action refuses goes to the log with its payload in base64; the other actions are carried out.
    Source: https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        settings: Settings,
        *,
        name: str,
        error_log_group: str,
        sql: str,
        description: str,
        actions: Sequence[Action],
    ) -> None:
        """Parameters: name and error_log_group, fixed names; sql, of version 2016-03-23; actions, all carried out."""
        super().__init__(scope, construct_id)
        self.name = name
        self.errors = log_group(self, "Errors", settings, error_log_group)
        role = ServiceRole(self, "Role", "iot.amazonaws.com", f"IoT rule {name}: its actions, a log of what failed")
        carried_out = [action(role) for action in actions]
        role.allow(
            "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", on=[self.errors.log_group_arn]
        )
        self.rule = iot.CfnTopicRule(
            self,
            "Rule",
            rule_name=name,
            topic_rule_payload=iot.CfnTopicRule.TopicRulePayloadProperty(
                description=description,
                aws_iot_sql_version="2016-03-23",
                sql=sql,
                rule_disabled=False,
                actions=carried_out,
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
            metric_namespace=cdk.Stack.of(self).stack_name,
            metric_name="RuleErrors",
            metric_value="1",
        ).metric(statistic="Sum", period=cdk.Duration.minutes(5))

    def metric(self, name: str) -> cloudwatch.Metric:
        """Return one of AWS IoT's own counts of the rule, such as ``ParseError``.

        Source: https://docs.aws.amazon.com/iot/latest/developerguide/metrics_dimensions.html (Rule metrics)
        """
        return cloudwatch.Metric(
            namespace="AWS/IoT",
            metric_name=name,
            dimensions_map={"RuleName": self.name},
            statistic="Sum",
            period=cdk.Duration.minutes(5),
        )


def into_table(table: dynamodb.Table) -> Action:
    """Return the action dynamoDBv2: an item a message, an attribute of each member; docs/adr tells why not the older.

    Source: https://docs.aws.amazon.com/iot/latest/developerguide/dynamodb-v2-rule-action.html
    """

    def action(role: ServiceRole) -> iot.CfnTopicRule.ActionProperty:
        role.allow("dynamodb:PutItem", on=[table.table_arn])
        put_item = iot.CfnTopicRule.PutItemInputProperty(table_name=table.table_name)
        return iot.CfnTopicRule.ActionProperty(
            dynamo_d_bv2=iot.CfnTopicRule.DynamoDBv2ActionProperty(put_item=put_item, role_arn=role.role_arn)
        )

    return action


def into_stream(stream: str) -> Action:
    """Return the action that puts a message into a Kinesis stream of this account, in order by device.

    Source: https://docs.aws.amazon.com/iot/latest/developerguide/kinesis-rule-action.html
    """

    def action(role: ServiceRole) -> iot.CfnTopicRule.ActionProperty:
        arn = cdk.Stack.of(role).format_arn(service="kinesis", resource="stream", resource_name=stream)
        role.allow("kinesis:PutRecord", on=[arn])
        return iot.CfnTopicRule.ActionProperty(
            kinesis=iot.CfnTopicRule.KinesisActionProperty(
                stream_name=stream, partition_key="${device_id}", role_arn=role.role_arn
            )
        )

    return action


def to_topic(topic: sns.Topic) -> Action:
    """Return the action that sends a message to an SNS topic as it came.

    Source: https://docs.aws.amazon.com/iot/latest/developerguide/sns-rule-action.html
    """

    def action(role: ServiceRole) -> iot.CfnTopicRule.ActionProperty:
        role.allow("sns:Publish", on=[topic.topic_arn])
        return iot.CfnTopicRule.ActionProperty(
            sns=iot.CfnTopicRule.SnsActionProperty(
                target_arn=topic.topic_arn, role_arn=role.role_arn, message_format="RAW"
            )
        )

    return action
