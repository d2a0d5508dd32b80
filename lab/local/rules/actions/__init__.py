"""The actions of rules, by the name that CreateTopicRule gives them."""

from __future__ import annotations

from typing import Final

from lab.local.rules.action import Action
from lab.local.rules.actions import (
    cloudwatch_logs,
    dynamodb,
    dynamodb_v2,
    firehose,
    kinesis,
    republish,
    s3,
    sns,
    sqs,
)

ACTIONS: Final[dict[str, Action]] = {
    "cloudwatchLogs": cloudwatch_logs.ACTION,
    "dynamoDB": dynamodb.ACTION,
    "dynamoDBv2": dynamodb_v2.ACTION,
    "firehose": firehose.ACTION,
    "kinesis": kinesis.ACTION,
    "republish": republish.ACTION,
    "s3": s3.ACTION,
    "sns": sns.ACTION,
    "sqs": sqs.ACTION,
}
