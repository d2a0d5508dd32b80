"""The generated parts of docs/architecture.md, docs/security.md and docs/cost.md, made from the templates.

``python -m lab.stackdocs`` writes them; a test holds them current.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from lab import cdk, cost, stacks, target

Template = Mapping[str, Any]

SHOWN: Final = {
    "AWS::Athena::DataCatalog": "Athena catalog",
    "AWS::Athena::WorkGroup": "Athena workgroup",
    "AWS::CloudWatch::Alarm": "alarm",
    "AWS::DynamoDB::Table": "DynamoDB table",
    "AWS::Events::Rule": "EventBridge rule",
    "AWS::Glue::Crawler": "Glue crawler",
    "AWS::Glue::Database": "Glue database",
    "AWS::Glue::Job": "Glue job",
    "AWS::Glue::Table": "Glue table",
    "AWS::IoT::TopicRule": "IoT rule",
    "AWS::Kinesis::Stream": "Kinesis stream",
    "AWS::KinesisFirehose::DeliveryStream": "Firehose",
    "AWS::Logs::LogGroup": "log group",
    "AWS::S3::Bucket": "S3 bucket",
    "AWS::SNS::Topic": "SNS topic",
    "AWS::SQS::Queue": "SQS queue",
    "AWS::Scheduler::Schedule": "schedule",
    "AWS::Serverless::Application": "connector function",
}
"""Resource types that a diagram draws; roles and policies stand in the tables."""

COUNTED: Final = SHOWN | {"AWS::IAM::Role": "IAM role"}
"""Resource types of which an account may have a limited number."""

STORES: Final = ("AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue")
"""Resource types that act on nothing, whatever their names say."""
BEGINNINGS: Final = ("AWS::Athena::DataCatalog", "AWS::Scheduler::Schedule")
"""Resource types on which nothing acts; who says their name means the function or the job of the same name."""

SETTINGS: Final = {"stage": "staging", "dynamodbConnector": "true", "feedStages": "staging"}
"""What the pages show: both stacks, joined, with the connector that the notebooks query through."""
NAMING: Final = ("TableName", "RuleName", "Name", "StreamName", "DeliveryStreamName", "BucketName", "LogGroupName")


def plain(logical_id: str) -> str:
    """Return a logical id without the hash that the CDK puts behind it."""
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)


def physical_name(properties: Mapping[str, Any]) -> str:
    """Return the name that a template gives a resource, or nothing."""
    flat = dict(properties)
    flat |= {key: value for key, value in properties.get("DatabaseInput", {}).items() if key == "Name"}
    for key in NAMING:
        if isinstance(flat.get(key), str):
            return str(flat[key])
    return ""


def strings(value: Any) -> Iterator[str]:
    """Yield every text in a document, with the targets of Ref and Fn::GetAtt."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from [str(inner[0])] if key == "Fn::GetAtt" else strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def edges(resources: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return which shown resource acts on which: the first refers to the second, names it, or waits for it."""
    shown = {key: entry for key, entry in resources.items() if entry["Type"] in SHOWN}
    names = {
        physical_name(entry.get("Properties", {})): key
        for key, entry in shown.items()
        if entry["Type"] not in BEGINNINGS
    }
    found = set()
    for key, entry in shown.items():
        if entry["Type"] in STORES:
            continue
        words = {*strings(entry.get("Properties", {})), *strings(entry.get("DependsOn", []))}
        for text in words:
            targets = {text} & shown.keys() | {names[name] for name in names if name and name in text}
            found |= {(key, other) for other in targets - {key}}
    return sorted(found)


def diagram(template: Template) -> str:
    """Return a stack as a Mermaid flow chart."""
    resources = template["Resources"]
    lines = ["```mermaid", "flowchart LR"]
    for key, entry in sorted(resources.items()):
        if entry["Type"] in SHOWN:
            name = physical_name(entry.get("Properties", {})) or plain(key)
            lines.append(f'  {plain(key)}["{SHOWN[entry["Type"]]}<br/>{name}"]')
    lines += [f"  {plain(first)} --> {plain(second)}" for first, second in edges(resources)]
    return "\n".join([*lines, "```"])


def resource_table(template: Template, reasons: Mapping[str, str]) -> str:
    """Return every resource with its reason.

    Raises: KeyError for a resource without one.
    """
    lines = ["| resource | type | why it is there |", "| --- | --- | --- |"]
    for key, entry in sorted(template["Resources"].items()):
        lines.append(f"| {plain(key)} | {entry['Type']} | {reasons[plain(key)]} |")
    return "\n".join(lines)


def output_table(template: Template) -> str:
    """Return what a stack tells others: every output, the resource that it speaks of, and its name if that is fixed."""
    lines = ["| output | of | as deployed by default |", "| --- | --- | --- |"]
    for key, entry in sorted(template["Outputs"].items()):
        value = entry["Value"]
        reference = {} if isinstance(value, str) else value
        owner = reference["Fn::GetAtt"][0] if "Fn::GetAtt" in reference else reference.get("Ref", "")
        named = physical_name(template["Resources"].get(owner, {}).get("Properties", {}))
        fixed = value if isinstance(value, str) else named
        lines.append(f"| `{key}` | {plain(owner)} | {f'`{fixed}`' if fixed and 'Arn' not in key else ''} |")
    return "\n".join(lines)


def permission_table(template: Template) -> str:
    """Return what each role may do: role, service that assumes it, action, resources."""
    lines = ["| role | assumed by | actions | on |", "| --- | --- | --- | --- |"]
    for key, entry in sorted(template["Resources"].items()):
        if entry["Type"] != "AWS::IAM::Role":
            continue
        service = entry["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]
        for policy in entry["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = ", ".join(f"`{action}`" for action in _list(statement["Action"]))
                where = ", ".join(f"`{_text(resource)}`" for resource in _list(statement["Resource"]))
                lines.append(f"| {plain(key)} | {service} | {actions} | {where} |")
    return "\n".join(lines)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    """Return an ARN in short: references by the resource's name, digests of assets left out."""
    if isinstance(value, str):
        return re.sub(r"[0-9a-f]{64}", "<digest>", re.sub(r"^arn:aws:(\w+):[\w-]*:\d*:", r"\1 ", value))
    if "Fn::Join" in value:
        return "".join(_text(part) for part in value["Fn::Join"][1])
    target = value["Fn::GetAtt"][0] if "Fn::GetAtt" in value else value["Ref"]
    return plain(target)


def replace_part(document: str, part: str, content: str) -> str:
    """Return a document with one generated part renewed.

    Raises: ValueError when the document has no such part.
    """
    start, end = f"<!-- generated: {part} -->", "<!-- end -->"
    before, found, after = document.partition(start)
    if not found or end not in after:
        raise ValueError(f"the document has no part {part!r}")
    return before + start + "\n" + content + "\n" + end + after.partition(end)[2]


def cost_table(estimate: cost.Estimate) -> str:
    """Return an estimate as a table of US dollars a month."""
    lines = ["| what | USD a month |", "| --- | ---: |"]
    lines += [f"| {plain_words(line.what)} | {usd:.2f} |" for line, usd in estimate.lines]
    lines.append(f"| **together** | **{estimate.month:.2f}** |")
    lines.append(f"| without any use | {estimate.idle_month:.2f} |")
    return "\n".join(lines)


def plain_words(text: str) -> str:
    """Return a line's text with the logical id in front shortened."""
    name, colon, rest = text.partition(":")
    return plain(name) + colon + rest.replace("|", "\\|")


def parts(templates: Mapping[str, Template]) -> dict[str, dict[str, str]]:
    """Return the generated parts of each page: page to part to content.

    Parameters: templates, of each stack of the app, by its id.
    """
    reasons = json.loads((stacks.INFRA / "reasons.json").read_text())
    pages: dict[str, dict[str, str]] = {"architecture.md": {}, "security.md": {}, "cost.md": {}}
    for stack, template in templates.items():
        pages["architecture.md"][f"diagram {stack}"] = diagram(template)
        pages["architecture.md"][f"resources {stack}"] = resource_table(template, reasons[stack])
        pages["architecture.md"][f"outputs {stack}"] = output_table(template)
        pages["security.md"][f"permissions {stack}"] = permission_table(template)
        pages["cost.md"][f"cost {stack}"] = cost_table(cost.estimate(template))
    pages["architecture.md"]["quotas"] = quota_table(templates.values())
    pages["cost.md"]["prices"] = price_table()
    return pages


def price_table() -> str:
    """Return the price file as a table with its date and its sources."""
    document = cost.prices()
    lines = [
        f"Prices of {document['date']}, region {document['region']}, {document['currency']}. {document['note']}",
        "",
    ]
    lines += ["| price | USD | unit |", "| --- | ---: | --- |"]
    for name, price in sorted(document["prices"].items()):
        lines.append(f"| [{name}]({price['source']}) | {price['usd']:g} | {price['unit']} |")
    return "\n".join(lines)


def quota_table(templates: Iterable[Template]) -> str:
    """Return how many resources of each type that an account counts one person deploys."""
    kinds = Counter(entry["Type"] for template in templates for entry in template["Resources"].values())
    lines = ["| resource | of one person |", "| --- | ---: |"]
    lines += [f"| {COUNTED[kind]} | {count} |" for kind, count in sorted(kinds.items()) if kind in COUNTED]
    return "\n".join(lines)


def page(name: str) -> Path:
    """Return where a page lies."""
    return target.ROOT / "docs" / name


def renew(name: str, contents: Mapping[str, str]) -> None:
    """Write generated parts of a page anew. Raises: ValueError when the page has no such part."""
    document = page(name).read_text()
    for part, content in contents.items():
        document = replace_part(document, part, content)
    page(name).write_text(document)


def main() -> None:
    """Write the generated parts of every page anew."""
    context = {"account": "111122223333", "region": target.DEFAULT_REGION, **SETTINGS}
    with tempfile.TemporaryDirectory() as folder:
        assembly = cdk.synthesise(dict.fromkeys(stacks.deployable(), context), Path(folder))
        templates = {stack: assembly.template(stack) for stack in stacks.deployable()}
    for name, contents in parts(templates).items():
        renew(name, contents)


if __name__ == "__main__":
    main()
