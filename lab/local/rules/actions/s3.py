"""The s3 action: the result as one object.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/s3-rule-action.html
"""

from __future__ import annotations

from typing import Final

from lab.local.rules.action import Action, Delivery, Fields
from lab.local.rules.errors import ActionError


async def perform(fields: Fields, delivery: Delivery) -> None:
    """Put the object; a canned ACL needs its own permission."""
    bucket, key = delivery.fill(fields["bucketName"]), delivery.fill(fields["key"])
    if not key:
        raise ActionError("The object's key is empty for this message")
    headers = {}
    if fields.get("cannedAcl"):
        arn = f"arn:aws:s3:::{bucket}/{key}"
        delivery.effects.require("s3:PutObjectAcl", arn)
        headers["x-amz-acl"] = delivery.fill(fields["cannedAcl"])
    await delivery.effects.put_object(bucket, key, delivery.body, headers)


ACTION: Final = Action(
    required=("bucketName", "key", "roleArn"),
    optional=("cannedAcl",),
    templates=("bucketName", "key", "cannedAcl"),
    resource=lambda fields: str(fields["bucketName"]),
    perform=perform,
)
