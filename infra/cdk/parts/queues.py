"""Dead-letter queues: what could not be delivered waits two weeks for somebody to look."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from parts.findings import accept


def dead_letter_queue(scope: Construct, construct_id: str) -> sqs.Queue:
    """Return an encrypted queue, TLS only, that keeps messages 14 days, the longest that SQS offers."""
    queue = sqs.Queue(
        scope,
        construct_id,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=cdk.Duration.days(14),
    )
    accept(queue, "AwsSolutions-SQS3", "This queue is itself the dead-letter queue.")
    return queue
