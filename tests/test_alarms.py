from __future__ import annotations

import uuid

import pytest

from lab.alarms import Listener, Message
from lab.errors import LabError
from tests.conftest import EmbeddedAws


def test_a_listener_receives_what_is_wanted_and_leaves_no_queue_behind(aws: EmbeddedAws) -> None:
    sns, sqs = aws.client("sns"), aws.client("sqs")
    name = f"pager-{uuid.uuid4().hex[:8]}"
    topic = sns.create_topic(Name=name)["TopicArn"]
    with Listener(topic) as listener:
        sns.publish(TopicArn=topic, Message="noise")
        sns.publish(TopicArn=topic, Subject="hot", Message='{"temperature": 61.5}')
        found = listener.receive(lambda message: message.subject == "hot")
        assert found == Message("hot", '{"temperature": 61.5}')
        assert found.document() == {"temperature": 61.5}
        with pytest.raises(LabError, match="sent nothing of the kind"):
            listener.receive(seconds=0)
    assert sqs.list_queues(QueueNamePrefix=name).get("QueueUrls", []) == []
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    sns.delete_topic(TopicArn=topic)
