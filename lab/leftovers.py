"""Look for what is left of the lab in an account: by name prefix in each service, and by tag."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from lab import stacks, target

PROJECTS: Final = ("attempt-iot-monitoring", "datastreamer", "level2")
"""Values of the tag PROJECT that the stacks set."""


@dataclass(frozen=True)
class Leftover:
    """One resource that should be gone. service: signing name; name: its last part; found_by: name or tag."""

    service: str
    name: str
    found_by: str


def find() -> list[Leftover]:
    """Return what is left, sorted; empty when the lab has left no trace.

    The CDK's bootstrap stack is not counted: every CDK application of the account uses it.
    """
    listed = {service: {_plain(name) for name in lister()} for service, lister in LISTERS.items()}
    prefixes = name_prefixes()
    found = {
        (service, name): Leftover(service, name, "name")
        for service, names in listed.items()
        for name in names
        if name.startswith(prefixes)
    }
    for service, name in tagged():
        # The tagging service may list a resource for some time after it is gone; its own service knows better.
        if service not in listed or name in listed[service]:
            found.setdefault((service, name), Leftover(service, name, "tag"))
    return [found[key] for key in sorted(found)]


def name_prefixes() -> tuple[str, ...]:
    """Return how the lab's names begin, with the class's prefix when there is one."""
    before = stacks.prefix()
    words = ("attempt", "datastreamer", "level2")
    return tuple(f"{before}{join}{word}{join}" if before else f"{word}{join}" for word in words for join in "-_")


def tagged() -> Iterator[tuple[str, str]]:
    """Return service and name of each resource that carries the lab's tags, and the class's prefix as one."""
    client = target.client("resourcegroupstaggingapi")
    pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": "PROJECT", "Values": list(PROJECTS)}])
    for page in pages:
        for resource in page["ResourceTagMappingList"]:
            tags = {tag["Key"]: tag["Value"] for tag in resource["Tags"]}
            if tags.get("PREFIX", "") == stacks.prefix():
                _, _, service, _, _, name = resource["ResourceARN"].split(":", 5)
                yield service, name.rpartition("/")[2].rpartition(":")[2]


def _plain(name: str) -> str:
    """Return a name without what stands before it: a log group's folders, a queue's address, a topic's ARN."""
    for folder in ("/aws/iot/rule/", "/aws/lambda/", "/aws/cloudformation/", "/aws-glue/jobs/"):
        if name.startswith(folder):
            return name.removeprefix(folder)
    return name.rpartition("/")[2].rpartition(":")[2]


def _pages(service: str, operation: str, member: str, name: str) -> Callable[[], Iterable[str]]:
    """Return a function that lists names.

    Parameters: operation, as boto3 names it; member, of its output; name, of an entry, or empty for plain text.
    """

    def lister() -> Iterable[str]:
        client = target.client(service)
        call: Callable[..., Any] = getattr(client, operation)
        pages = client.get_paginator(operation).paginate() if client.can_paginate(operation) else [call()]
        for page in pages:
            for entry in page.get(member, []):
                yield entry[name] if name else entry

    return lister


def _several(*listers: Callable[[], Iterable[str]]) -> Callable[[], Iterable[str]]:
    """Return a function that lists what several list."""
    return lambda: [name for lister in listers for name in lister()]


LISTERS: Final[dict[str, Callable[[], Iterable[str]]]] = {
    "athena": _several(
        _pages("athena", "list_work_groups", "WorkGroups", "Name"),
        _pages("athena", "list_data_catalogs", "DataCatalogsSummary", "CatalogName"),
    ),
    "cloudformation": _several(
        lambda: [
            stack["StackName"]
            for page in target.client("cloudformation").get_paginator("describe_stacks").paginate()
            for stack in page["Stacks"]
            if stack["StackStatus"] != "DELETE_COMPLETE"
        ]
    ),
    "cloudwatch": _pages("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "dynamodb": _pages("dynamodb", "list_tables", "TableNames", ""),
    "events": _pages("events", "list_rules", "Rules", "Name"),
    "firehose": _pages("firehose", "list_delivery_streams", "DeliveryStreamNames", ""),
    "glue": _several(
        _pages("glue", "get_databases", "DatabaseList", "Name"),
        _pages("glue", "get_crawlers", "Crawlers", "Name"),
        _pages("glue", "get_jobs", "Jobs", "Name"),
    ),
    "iam": _pages("iam", "list_roles", "Roles", "RoleName"),
    "iot": _several(
        _pages("iot", "list_topic_rules", "rules", "ruleName"),
        _pages("iot", "list_policies", "policies", "policyName"),
    ),
    "kinesis": _pages("kinesis", "list_streams", "StreamNames", ""),
    "logs": _pages("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "s3": _pages("s3", "list_buckets", "Buckets", "Name"),
    "scheduler": _pages("scheduler", "list_schedules", "Schedules", "Name"),
    "sns": _pages("sns", "list_topics", "Topics", "TopicArn"),
    "sqs": _pages("sqs", "list_queues", "QueueUrls", ""),
}
"""How each service lists what a stack may make in it."""
