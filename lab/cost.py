"""What a stack costs: the resources of its template times a usage, from a dated price file."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from lab import stacks, target
from lab.errors import LabError

HOURS: Final = 730
"""Hours of a month, as AWS's calculator counts them."""
MINUTES: Final = HOURS * 60
OWN_METRICS: Final = 7
"""Most metrics that the script of a scheduled job sends at the end of each run."""
UNPRICED: Final = {"AWS::QuickSight::DataSource": "QuickSight's subscription"}
"""What costs and has no price here: it is bought once an account, by user, and not by this stack."""
PRICES: Final = Path(__file__).resolve().parent / "data"
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON: Final = re.compile(r"cron\((\S+) (\S+) .*\)")


@dataclass(frozen=True)
class Usage:
    """What is sent and asked. The defaults are a desk with one board.

    devices; readings_a_minute, of each device; queries_a_day and query_mb, what Athena scans; etl_minutes,
    shell_minutes and crawl_minutes, how long a run is billed (a crawl at least ten minutes, others at least one);
    flagged, the share of readings that their device calls an anomaly; connector_seconds, of a query's function of 3 GB.
    """

    devices: int = 1
    readings_a_minute: float = 6.0
    queries_a_day: float = 20.0
    query_mb: float = 10.0
    etl_minutes: float = 2.0
    shell_minutes: float = 1.0
    crawl_minutes: float = 10.0
    flagged: float = 0.001
    connector_seconds: float = 5.0

    @property
    def readings(self) -> float:
        """Readings of a month."""
        return self.devices * self.readings_a_minute * MINUTES


@dataclass(frozen=True)
class Line:
    """One cost of a month. what: resource and use; quantity, in the price's unit; always: also without any use."""

    what: str
    price: str
    quantity: float
    always: bool = False


@dataclass(frozen=True)
class Estimate:
    """The costs of a stack. date and region: of the prices; usd: of each line, for a month; without: not in it."""

    date: str
    region: str
    lines: tuple[tuple[Line, float], ...]
    without: tuple[str, ...] = ()

    @property
    def month(self) -> float:
        """US dollars a month under the usage."""
        return sum(usd for _, usd in self.lines)

    @property
    def hour(self) -> float:
        """US dollars an hour under the usage."""
        return self.month / HOURS

    @property
    def idle_month(self) -> float:
        """US dollars a month with no reading, no query and no look at it."""
        return sum(usd for line, usd in self.lines if line.always)


def prices() -> dict[str, Any]:
    """Return the newest price file's content."""
    found: dict[str, Any] = json.loads(max(PRICES.glob("prices-*.json")).read_text())
    return found


def estimate(template: Mapping[str, Any], usage: Usage | None = None) -> Estimate:
    """Return what a template's resources cost.

    Parameters: template, as synthesised. Resources without a price of their own (roles, rules, policies) cost nothing.
    """
    document = prices()
    resources: Mapping[str, Any] = template.get("Resources", {})
    lines = [
        (line, line.quantity * float(document["prices"][line.price]["usd"]))
        for name, resource in sorted(resources.items())
        for line in _lines(name, resource, usage or Usage(), resources)
    ]
    without = {UNPRICED[entry["Type"]] for entry in resources.values() if entry["Type"] in UNPRICED}
    return Estimate(document["date"], document["region"], tuple(lines), tuple(sorted(without)))


def _lines(
    name: str, resource: Mapping[str, Any], usage: Usage, resources: Mapping[str, Any]
) -> Iterator[Line] | tuple[()]:
    """Return the costs of one resource among those of its template."""
    properties = resource.get("Properties", {})
    if resource["Type"] == "AWS::Scheduler::Schedule":
        return _schedule(name, properties, usage, resources)
    cost = COSTS.get(resource["Type"])
    return cost(name, properties, usage) if cost else ()


def runs_a_month(expression: str) -> float:
    """Return how often a schedule fires in a month.

    Parameters: expression, ``rate(…)`` or a cron expression, of which minute and hour are read.
    """
    rate = _RATE.fullmatch(expression)
    if rate:
        minutes = {"minute": 1, "hour": 60, "day": 1440}[rate.group(2)]
        return MINUTES / (int(rate.group(1)) * minutes)
    cron = _CRON.fullmatch(expression)
    if cron is None:
        raise LabError(f"The schedule {expression!r} is neither a rate nor a cron expression.", "Mend the setting.")
    return _values(cron.group(1), 60) * _values(cron.group(2), 24) * HOURS / 24


def _values(field: str, size: int) -> float:
    """Return how many values a field of a cron expression stands for."""
    if field == "*":
        return size
    if "/" in field:
        return size / int(field.partition("/")[2])
    return field.count(",") + 1


def _table(name: str, properties: Mapping[str, Any], usage: Usage) -> Iterator[Line]:
    gigabytes = usage.readings * 100 / 1e9
    yield Line(f"{name}: a write a reading", "dynamodb-million-writes", usage.readings / 1e6)
    yield Line(f"{name}: a month of readings", "dynamodb-gb", gigabytes)
    if properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
        yield Line(f"{name}: point-in-time recovery", "dynamodb-pitr-gb", gigabytes)
    yield Line(f"{name}: a scan a day by the crawler", "dynamodb-million-reads", usage.readings * 30 / 8 / 40 / 1e6)


def _rule(name: str, properties: Mapping[str, Any], usage: Usage) -> Iterator[Line]:
    chosen = properties["TopicRulePayload"]["Actions"]
    actions = len(chosen)
    if all("Sns" in action for action in chosen):  # messages and connections are Level 1's
        told = usage.flagged * usage.readings / 1e6
        yield Line(f"{name}: rule", "iot-million-rules", usage.readings / 1e6)
        yield Line(f"{name}: {usage.flagged:.1%} of the readings told", "iot-million-actions", actions * told)
        yield Line(f"{name}: messages to the topic", "sns-million", told)
        return
    yield Line(f"{name}: messages", "iot-million-messages", usage.readings / 1e6)
    yield Line(f"{name}: connected devices", "iot-million-minutes", usage.devices * MINUTES / 1e6)
    yield Line(f"{name}: rule", "iot-million-rules", usage.readings / 1e6)
    yield Line(f"{name}: {actions} actions", "iot-million-actions", actions * usage.readings / 1e6)


def _crawler(name: str, properties: Mapping[str, Any], usage: Usage) -> Iterator[Line]:
    expression = properties.get("Schedule", {}).get("ScheduleExpression")
    if expression:
        hours = runs_a_month(expression) * usage.crawl_minutes / 60
        yield Line(f"{name}: {expression}", "glue-dpu-hour", hours, always=True)


def _schedule(name: str, properties: Mapping[str, Any], usage: Usage, resources: Mapping[str, Any]) -> Iterator[Line]:
    if properties.get("State") == "ENABLED" and "startJobRun" in str(properties["Target"]["Arn"]):
        job = _started_job(properties, resources)
        shell = job.get("Command", {}).get("Name") == "pythonshell"
        units, minutes = (job["MaxCapacity"], usage.shell_minutes) if shell else (2, usage.etl_minutes)
        hours = runs_a_month(properties["ScheduleExpression"]) * units * minutes / 60
        what = f"{name}: {units:g} DPU, {properties['ScheduleExpression']}"
        yield Line(what, "glue-dpu-hour", hours, always=True)
        if "--METRICS_S3" in job.get("DefaultArguments", {}):
            share = min(1.0, runs_a_month(properties["ScheduleExpression"]) / HOURS)  # billed by the hour
            yield Line(f"{name}: up to {OWN_METRICS} metrics", "cloudwatch-metric", OWN_METRICS * share, always=True)


def _connector(name: str, _properties: Mapping[str, Any], usage: Usage) -> Iterator[Line]:
    queries = usage.queries_a_day * 30
    yield Line(f"{name}: 3 GB a query", "lambda-gb-second", queries * usage.connector_seconds * 3)
    yield Line(f"{name}: a scan a query", "dynamodb-million-reads", queries * usage.readings / 2 / 40 / 1e6)


def _started_job(properties: Mapping[str, Any], resources: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties of the Glue job that a schedule starts; empty when it is not of this template."""
    name = json.loads(properties["Target"].get("Input", "{}")).get("JobName")
    jobs = [entry["Properties"] for entry in resources.values() if entry["Type"] == "AWS::Glue::Job"]
    found: Mapping[str, Any] = next((job for job in jobs if job.get("Name") == name), {})
    return found


def _stream(name: str, properties: Mapping[str, Any], usage: Usage) -> Iterator[Line]:
    yield Line(f"{name}: shards", "kinesis-shard-hour", properties.get("ShardCount", 1) * HOURS, always=True)
    yield Line(f"{name}: records", "kinesis-million-puts", usage.readings / 1e6)


def _firehose(name: str, _properties: Mapping[str, Any], usage: Usage) -> Iterator[Line]:
    yield Line(f"{name}: records of 5 KB", "firehose-gb", usage.readings * 5 / 1e6)


def _bucket(name: str, _properties: Mapping[str, Any], usage: Usage) -> Iterator[Line]:
    yield Line(f"{name}: a month of data", "s3-gb", usage.readings * 100 / 1e9)
    yield Line(f"{name}: objects written", "s3-thousand-puts", min(usage.readings, MINUTES) / 1e3)


def _workgroup(name: str, _properties: Mapping[str, Any], usage: Usage) -> Iterator[Line]:
    # Athena bills at least 10 MB a query.
    terabytes = usage.queries_a_day * 30 * max(usage.query_mb, 10.0) / 1e6
    yield Line(f"{name}: {usage.queries_a_day:g} queries a day", "athena-tb", terabytes)


def _alarm(name: str, _properties: Mapping[str, Any], _usage: Usage) -> Iterator[Line]:
    yield Line(name, "cloudwatch-alarm", 1, always=True)


def _log_group(name: str, _properties: Mapping[str, Any], _usage: Usage) -> Iterator[Line]:
    yield Line(f"{name}: 10 MB a month", "cloudwatch-log-gb", 0.01)


COSTS: Final[dict[str, Callable[[str, Mapping[str, Any], Usage], Iterator[Line]]]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::IoT::TopicRule": _rule,
    "AWS::Glue::Crawler": _crawler,
    "AWS::Kinesis::Stream": _stream,
    "AWS::KinesisFirehose::DeliveryStream": _firehose,
    "AWS::S3::Bucket": _bucket,
    "AWS::Serverless::Application": _connector,
    "AWS::Athena::WorkGroup": _workgroup,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::Logs::LogGroup": _log_group,
}


def sentence(found: Estimate, region: str) -> str:
    """Return the estimate in a line: month, hour, what stays without use, date and region of the prices."""
    other = "" if region == found.region else f"; {region} differs"
    without = "".join(f"; {what} is not in it" for what in found.without)
    return (
        f"about {found.month:.2f} USD a month, {found.hour:.3f} an hour in use, {found.idle_month:.2f} a month idle "
        f"(prices of {found.date}, {found.region}{other}{without})"
    )


@click.command("cost")
@click.argument("stack", required=False)
@click.option("--stage", default=stacks.DEFAULT_STAGE, show_default=True, help="Stage of infra/cdk/cdk.json.")
@click.option(
    "--devices", default=1, show_default=True, type=click.IntRange(0, 1_000_000), help="Devices that send readings."
)
@click.option(
    "--readings-a-minute",
    metavar="RATE",
    default=6.0,
    show_default=True,
    type=click.FloatRange(0, 60_000),
    help="Readings of each device a minute.",
)
def cost_command(stack: str | None, stage: str, devices: int, readings_a_minute: float) -> None:
    """Show what STACK (or every stack) costs a month on AWS, line by line."""
    from lab import cdk

    chosen = (stack,) if stack else stacks.deployable()
    for name in chosen:
        stacks.check(name, stage)
    usage = Usage(devices=devices, readings_a_minute=readings_a_minute)
    with tempfile.TemporaryDirectory() as folder:
        context = {"stage": stage, "account": "000000000000", "region": target.region(), "dynamodbConnector": "true"}
        assembly = cdk.synthesise(dict.fromkeys(chosen, context), Path(folder))
        for name in chosen:
            found = estimate(assembly.template(name), usage)
            click.echo(f"{name}: {sentence(found, target.region())}")
            for line, usd in found.lines:
                click.echo(f"  {usd:9.3f}  {line.what}")
