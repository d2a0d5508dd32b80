"""Whether a queue or a topic lets a service send to it, by its own policy."""

from __future__ import annotations

from typing import Final

from lab.local import trust
from lab.local.context import Caller
from lab.local.errors import AwsError
from lab.local.hook import Hook

ACTIONS: Final = {"sns": "sns:Publish", "sqs": "sqs:SendMessage"}

HOOKS: Final = (
    Hook("ministack.services.sns", "topic_policy_for_arn", ("topic_arn",), "who may publish to a topic"),
    Hook("ministack.services.sqs", "queue_policy_for_arn", ("queue_arn",), "who may send to a queue"),
)


def require(caller: Caller, arn: str) -> None:
    """Return when a queue or topic is there and its policy lets a service send to it.

    Raises: AwsError ResourceNotFoundException or AccessDeniedException.
    """
    from ministack.services import sns, sqs

    service = arn.split(":")[2]
    found = sns.topic_policy_for_arn(arn) if service == "sns" else sqs.queue_policy_for_arn(arn)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"{arn} does not exist.")
    policy, owner = found
    action = ACTIONS[service]
    if not policy or not trust.allows(policy, caller, owner, action, arn):
        raise AwsError(
            "AccessDeniedException", f"User: {caller.principal} is not authorized to perform: {action} on: {arn}"
        )
