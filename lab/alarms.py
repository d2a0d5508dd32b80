"""Listen to an SNS topic as a pager would: through a queue that subscribes, and goes when the listening ends."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

from lab import target
from lab.errors import LabError

LONGEST_POLL_SECONDS: Final = 2


@dataclass(frozen=True)
class Message:
    """What a topic sent. subject: empty when there is none; text: as it was published."""

    subject: str
    text: str

    def document(self) -> dict[str, Any]:
        """Return a text that is a JSON object, such as a flagged reading."""
        found: dict[str, Any] = json.loads(self.text)
        return found


class Listener:
    """A context manager that receives what a topic sends meanwhile. Parameters: topic_arn."""

    def __init__(self, topic_arn: str) -> None:
        self._topic = topic_arn
        self._sqs = target.client("sqs")
        self._sns = target.client("sns")

    def __enter__(self) -> Self:
        """Make the queue, which only this topic may fill, and subscribe it.

        Source: https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
        """
        # A name of its own: AWS keeps the name of a deleted queue for a minute.
        name = f"{self._topic.rpartition(':')[2]}-listener-{uuid.uuid4().hex[:8]}"
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": self._topic}},
                }
            ],
        }
        self._sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": json.dumps(policy)})
        answer = self._sns.subscribe(TopicArn=self._topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
        self._subscription = answer["SubscriptionArn"]
        return self

    def __exit__(self, *_error: object) -> None:
        """End the subscription and remove the queue."""
        self._sns.unsubscribe(SubscriptionArn=self._subscription)
        self._sqs.delete_queue(QueueUrl=self._queue)

    def receive(self, wanted: Callable[[Message], bool] = lambda _message: True, seconds: float = 60.0) -> Message:
        """Return the next message that is wanted; others are dropped.

        Raises: LabError when none comes in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = self._sqs.receive_message(
                QueueUrl=self._queue, WaitTimeSeconds=LONGEST_POLL_SECONDS, MaxNumberOfMessages=1
            )
            for entry in answer.get("Messages", []):
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=entry["ReceiptHandle"])
                envelope = json.loads(entry["Body"])
                found = Message(envelope.get("Subject") or "", envelope["Message"])
                if wanted(found):
                    return found
        raise LabError(
            f"{self._topic} sent nothing of the kind in {seconds:.0f} s.",
            "Read the rule's error log group and the jobs' logs; docs/troubleshooting.md names both.",
        )
