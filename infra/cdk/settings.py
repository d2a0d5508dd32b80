"""Typed settings of a deployment, read once from the CDK context, and refused here when they are wrong.

| context key | meaning | default |
| --- | --- | --- |
| stage | one of the stages of cdk.json | staging |
| account, region | where to deploy | CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION |
| prefix | goes before every physical name, so that a class shares an account | none |
| feedStages | stages whose Kinesis stream the Level 1 rule feeds, separated by commas | none |
| dynamodbConnector | Athena's DynamoDB connector and its data catalog | false |
| exposeQuickSight | QuickSight data source, data set and analysis | false |
| quickSightPrincipal | ARN of the QuickSight user who owns them | none |
| firehoseBufferSeconds, firehoseBufferMegabytes | Firehose's buffering hints | 60, 5 |
| etlSchedule, etlScheduleState | when the ETL runs; ENABLED or DISABLED | rate(15 minutes), ENABLED |
| crawlerSchedule | when the curated table's crawler runs | cron(0 * * * ? *) |
| scoringSchedule, digestSchedule | when the scoring and the daily digest run | rate(1 hour), cron(0 8 * * ? *) |
| scoringScheduleState | of both; ENABLED or DISABLED | ENABLED |
| logRetentionDays | how long log groups keep events | 30 |
| scanLimitMegabytes | an Athena query that scans more is cancelled | 1024 |
| alarmEmail | receives the alarms | none |
| monthlyBudgetUsd | budget with an alarm at 80 % and 100 %; 0 means none | 0 |
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import names

RETENTION_DAYS: Final = (1, 7, 14, 30, 90, 180, 365, 731)
"""Retentions offered, of those that CloudWatch Logs knows.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""
LEVEL1_KEYS: Final = (
    "stage",
    "prefix",
    "feedStages",
    "dynamodbConnector",
    "exposeQuickSight",
    "quickSightPrincipal",
    "logRetentionDays",
    "scanLimitMegabytes",
    "alarmEmail",
    "monthlyBudgetUsd",
)
DATASTREAMER_KEYS: Final = (
    "stage",
    "prefix",
    "firehoseBufferSeconds",
    "firehoseBufferMegabytes",
    "etlSchedule",
    "etlScheduleState",
    "crawlerSchedule",
    "logRetentionDays",
    "scanLimitMegabytes",
    "alarmEmail",
    "monthlyBudgetUsd",
)
LEVEL2_KEYS: Final = (
    "stage",
    "prefix",
    "scoringSchedule",
    "scoringScheduleState",
    "digestSchedule",
    "logRetentionDays",
    "alarmEmail",
    "monthlyBudgetUsd",
)
"""The context keys on which a stack depends. Each stack writes those that were set into its template's metadata, so
that a later deployment can begin from what is deployed."""
KEYS: Final = {"account", "region", *LEVEL1_KEYS, *DATASTREAMER_KEYS, *LEVEL2_KEYS}
DEFAULT_REGION: Final = "ap-northeast-1"
PRINCIPAL: Final = re.compile(r"arn:aws:quicksight:[a-z0-9-]+:\d{12}:(user|group)/[^/]+/.+")
"""A QuickSight user or group. Its region is the one in which the account keeps identities, often another than ours.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonquicksight.html
"""


class SettingsError(ValueError):
    """A context value that cannot be deployed; the text says what is expected."""


def check_keys(keys: Iterable[str]) -> None:
    """Refuse a key that no stack knows: a misspelt setting would be passed over in silence.

    Raises: SettingsError, naming the nearest key.
    """
    for key in keys:
        if key not in KEYS:
            near = difflib.get_close_matches(key, sorted(KEYS), n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(KEYS))}."
            raise SettingsError(f"There is no setting {key!r}; {hint}")


@dataclass(frozen=True)
class Settings:
    """What a deployment depends on. Build it with :meth:`from_context`, which checks every value."""

    stage: str
    protected: bool
    account: str
    region: str
    prefix: str = ""
    feed_stages: tuple[str, ...] = ()
    dynamodb_connector: bool = False
    expose_quicksight: bool = False
    quicksight_principal: str = ""
    firehose_buffer_seconds: int = 60
    firehose_buffer_megabytes: int = 5
    etl_schedule: str = "rate(15 minutes)"
    etl_schedule_state: str = "ENABLED"
    crawler_schedule: str = "cron(0 * * * ? *)"
    scoring_schedule: str = "rate(1 hour)"
    scoring_schedule_state: str = "ENABLED"
    digest_schedule: str = "cron(0 8 * * ? *)"
    log_retention_days: int = 30
    scan_limit_megabytes: int = 1024
    alarm_email: str = ""
    monthly_budget_usd: int = 0
    given: Mapping[str, str] = field(default_factory=dict)

    def given_of(self, keys: tuple[str, ...]) -> dict[str, str]:
        """Return those of some context keys that were set, with their values as text."""
        return {key: self.given[key] for key in keys if key in self.given}

    @property
    def names(self) -> names.Names:
        """The physical names of this deployment."""
        return names.Names(self.prefix, self.stage, self.account, self.region)

    @classmethod
    def from_context(cls, context: Callable[[str], Any], environment: Mapping[str, str]) -> Settings:
        """Return the settings of a context.

        Parameters: context, gives a context key's value or None; environment, the process's variables, from which
        the CDK command line's CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION are taken.
        Raises: SettingsError, naming the key, the value and what is expected.
        """
        reader = _Reader(context)
        stages = _stages(context("stages"))
        stage = reader.text("stage", "staging")
        if stage not in stages:
            raise SettingsError(
                f"stage is {stage!r}; expected one of {', '.join(sorted(stages))} (cdk.json lists them)."
            )
        settings = cls(
            stage=stage,
            protected=bool(stages[stage].get("protected", False)),
            account=reader.matching(
                "account", environment.get("CDK_DEFAULT_ACCOUNT", ""), r"\d{12}", "the twelve digits of an AWS account"
            ),
            region=reader.matching(
                "region",
                environment.get("CDK_DEFAULT_REGION") or DEFAULT_REGION,
                r"[a-z]{2}(-[a-z]+)+-\d",
                "a region such as ap-northeast-1",
            ),
            prefix=reader.matching("prefix", "", names.PREFIX.pattern, names.PREFIX_WORDS),
            feed_stages=reader.stages("feedStages", stages),
            dynamodb_connector=reader.flag("dynamodbConnector"),
            expose_quicksight=reader.flag("exposeQuickSight"),
            quicksight_principal=reader.text("quickSightPrincipal", ""),
            firehose_buffer_seconds=reader.whole("firehoseBufferSeconds", 60, 0, 900),
            firehose_buffer_megabytes=reader.whole("firehoseBufferMegabytes", 5, 1, 128),
            etl_schedule=reader.schedule("etlSchedule", "rate(15 minutes)"),
            etl_schedule_state=reader.matching("etlScheduleState", "ENABLED", "(EN|DIS)ABLED", "ENABLED or DISABLED"),
            crawler_schedule=reader.matching(
                "crawlerSchedule", "cron(0 * * * ? *)", r"cron\(.+\)", "a cron expression"
            ),
            scoring_schedule=reader.schedule("scoringSchedule", "rate(1 hour)"),
            scoring_schedule_state=reader.matching(
                "scoringScheduleState", "ENABLED", "(EN|DIS)ABLED", "ENABLED or DISABLED"
            ),
            digest_schedule=reader.schedule("digestSchedule", "cron(0 8 * * ? *)"),
            log_retention_days=reader.one_of("logRetentionDays", 30, RETENTION_DAYS),
            scan_limit_megabytes=reader.whole("scanLimitMegabytes", 1024, 10, 7_000_000),
            alarm_email=reader.matching("alarmEmail", "", r"([^@\s]+@[^@\s]+)?", "an e-mail address"),
            monthly_budget_usd=reader.whole("monthlyBudgetUsd", 0, 0, 1_000_000),
            given=reader.given,
        )
        if settings.expose_quicksight and not PRINCIPAL.fullmatch(settings.quicksight_principal):
            raise SettingsError(
                "exposeQuickSight needs quickSightPrincipal: the ARN of a QuickSight user or group, such as "
                f"arn:aws:quicksight:us-east-1:{settings.account}:user/default/NAME."
            )
        if settings.expose_quicksight and not settings.dynamodb_connector:
            raise SettingsError("exposeQuickSight needs dynamodbConnector=true: it reads through the connector.")
        problems = settings.names.problems()
        if problems:
            raise SettingsError(f"{problems[0]} Choose another prefix, a shorter one if that is the matter.")
        return settings


def _stages(value: Any) -> dict[str, dict[str, Any]]:
    """Return the table of stages: a mapping in cdk.json, or JSON text on the command line."""
    stages = json.loads(value) if isinstance(value, str) else value
    if not isinstance(stages, dict) or not stages:
        raise SettingsError("The context has no stages; run the CDK in infra/cdk, where cdk.json lists them.")
    return stages


class _Reader:
    """Reads context values, which are text when they come from the command line."""

    def __init__(self, context: Callable[[str], Any]) -> None:
        self._context = context
        self.given: dict[str, str] = {}

    def text(self, key: str, default: str) -> str:
        value = self._context(key)
        if value is None:
            return default
        self.given[key] = str(value)
        return str(value)

    def matching(self, key: str, default: str, pattern: str, expected: str) -> str:
        value = self.text(key, default)
        if re.fullmatch(pattern, value) is None:
            raise SettingsError(f"{key} is {value!r}; expected {expected}.")
        return value

    def flag(self, key: str) -> bool:
        value = self.text(key, "false").lower()
        if value not in ("true", "false"):
            raise SettingsError(f"{key} is {value!r}; expected true or false.")
        return value == "true"

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        value = self.text(key, str(default))
        if re.fullmatch(r"\d{1,9}", value) is None or not least <= int(value) <= most:
            raise SettingsError(f"{key} is {value!r}; expected a whole number from {least} to {most}.")
        return int(value)

    def one_of(self, key: str, default: int, allowed: tuple[int, ...]) -> int:
        value = self.whole(key, default, allowed[0], allowed[-1])
        if value not in allowed:
            raise SettingsError(f"{key} is {value}; expected one of {', '.join(map(str, allowed))}.")
        return value

    def schedule(self, key: str, default: str) -> str:
        return self.matching(
            key, default, r"(rate\([1-9]\d* (minute|hour|day)s?\)|cron\(.+\))", "rate(15 minutes) or a cron expression"
        )

    def stages(self, key: str, known: Mapping[str, Any]) -> tuple[str, ...]:
        chosen = tuple(part.strip() for part in self.text(key, "").split(",") if part.strip())
        for stage in chosen:
            if stage not in known:
                raise SettingsError(f"{key} names {stage!r}; expected stages of {', '.join(sorted(known))}.")
        return chosen
