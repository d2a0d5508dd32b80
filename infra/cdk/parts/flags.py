"""The IoT rule that tells people at once when a device calls its own reading an anomaly."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iot as iot
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct
from settings import Settings

from parts.logs import log_group
from parts.roles import ServiceRole

SQL = "SELECT * FROM 'device/+/data' WHERE device_id = topic(2) AND anomaly >= 1"
"""A message without the member has the value Undefined there, for which no comparison holds."""


class DeviceFlags(Construct):
    """Rule, role, error log group and the metric that counts the log's events.

    Source: https://docs.aws.amazon.com/iot/latest/developerguide/sns-rule-action.html
    """

    def __init__(self, scope: Construct, construct_id: str, settings: Settings, topic: sns.Topic) -> None:
        """Parameters: topic, which takes each flagged reading as it was sent."""
        super().__init__(scope, construct_id)
        names = settings.names
        self.errors = log_group(self, "Errors", settings, names.flag_error_log_group)
        role = ServiceRole(self, "Role", "iot.amazonaws.com", "IoT rule: tell of flagged readings, log what failed")
        role.allow("sns:Publish", on=[topic.topic_arn])
        role.allow(
            "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", on=[self.errors.log_group_arn]
        )
        self.rule = iot.CfnTopicRule(
            self,
            "Rule",
            rule_name=names.flag_rule,
            topic_rule_payload=iot.CfnTopicRule.TopicRulePayloadProperty(
                description="Tells of each reading that its device flags; a failed action goes to the error log.",
                aws_iot_sql_version="2016-03-23",
                sql=SQL,
                rule_disabled=False,
                actions=[
                    iot.CfnTopicRule.ActionProperty(
                        sns=iot.CfnTopicRule.SnsActionProperty(
                            target_arn=topic.topic_arn, role_arn=role.role_arn, message_format="RAW"
                        )
                    )
                ],
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
            metric_namespace=names.level2_stack,
            metric_name="RuleErrors",
            metric_value="1",
        ).metric(statistic="Sum", period=cdk.Duration.minutes(5))
