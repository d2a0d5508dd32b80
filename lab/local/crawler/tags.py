"""The tags of crawlers: kept where all tags of Glue are kept, so that TagResource and searches by tag see the same."""

from __future__ import annotations

from collections.abc import Mapping

from lab.local.context import Context


def replace(context: Context, name: str, wanted: Mapping[str, str]) -> None:
    """Give a crawler exactly these tags."""
    client = context.service_client("glue")
    arn = arn_of(context, name)
    gone = sorted(client.get_tags(ResourceArn=arn)["Tags"].keys() - wanted.keys())
    if gone:
        client.untag_resource(ResourceArn=arn, TagsToRemove=gone)
    if wanted:
        client.tag_resource(ResourceArn=arn, TagsToAdd=dict(wanted))


def names(context: Context, candidates: list[str], wanted: Mapping[str, str]) -> list[str]:
    """Return the crawlers that carry all of some tags."""
    client = context.service_client("glue")
    return [
        name
        for name in candidates
        if wanted.items() <= client.get_tags(ResourceArn=arn_of(context, name))["Tags"].items()
    ]


def arn_of(context: Context, name: str) -> str:
    """Return a crawler's ARN."""
    return f"arn:aws:glue:{context.region}:{context.account}:crawler/{name}"
