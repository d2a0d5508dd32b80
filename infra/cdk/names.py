"""Physical names: those that the specification fixes, each decided here and nowhere else.

Everything else gets its name from CloudFormation, so that two deployments never collide.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

PREFIX: Final = re.compile(r"(?!(attempt|datastreamer|level2)$)([a-z][a-z0-9]*)?")
"""What may stand before every name. The three words begin names already: a search for leftovers would mix them up."""
PREFIX_WORDS: Final = "lower-case letters and digits, a letter first, and none of attempt, datastreamer, level2"


@dataclass(frozen=True)
class Form:
    """How a service wants its names. pattern: for us; words: for a person; source: where the service says so."""

    pattern: re.Pattern[str]
    words: str
    source: str

    def problem(self, name: str) -> str:
        """Return a sentence when the service would refuse a name, nothing otherwise."""
        if self.pattern.fullmatch(name):
            return ""
        return f"The name {name} has {len(name)} characters; expected {self.words}."


BUCKET: Final = Form(
    re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"),  # dots would break TLS
    "3 to 63 of a-z, 0-9 and hyphen, not beginning with xn--, sthree- or amzn-s3-demo-",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
)
RULE: Final = Form(
    re.compile(r"[a-zA-Z0-9_]{1,128}"),
    "at most 128 letters, digits and underscores",
    "https://docs.aws.amazon.com/iot/latest/apireference/API_CreateTopicRule.html",
)
SHORT: Final = Form(
    re.compile(r"[a-z0-9_-]{1,64}"),
    "at most 64 lower-case letters, digits, hyphens and underscores",
    "https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html, "
    "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html, "
    "https://github.com/awslabs/aws-athena-query-federation/blob/master/athena-dynamodb/athena-dynamodb.yaml",
)
LONG: Final = Form(
    re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,127}"),
    "at most 128 letters, digits, hyphens and underscores, a letter first",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html, "
    "https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateWorkGroup.html, "
    "https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html",
)
"""Also shorter than tables, databases, crawlers and topics may be."""
LOG_GROUP: Final = Form(
    re.compile(r"[\w./#-]{1,512}", re.ASCII),
    "at most 512 letters, digits and _ . / # -",
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
)


@dataclass(frozen=True)
class Names:
    """The names of one deployment. A prefix stands before each, joined as that name joins its own words."""

    prefix: str
    stage: str
    account: str
    region: str

    def _hyphens(self, name: str) -> str:
        return f"{self.prefix}-{name}" if self.prefix else name

    def _underscores(self, name: str) -> str:
        return f"{self.prefix}_{name}" if self.prefix else name

    def _lake(self, name: str) -> str:
        return self._hyphens(f"datastreamer-{self.stage}-{name}")

    @property
    def level1_stack(self) -> str:
        """CloudFormation name of Level 1."""
        return self._hyphens("attempt-iot-monitoring-stack")

    @property
    def table(self) -> str:
        """DynamoDB table of the readings."""
        return self._hyphens("attempt-dynamodb-sensor-data")

    @property
    def rule(self) -> str:
        """IoT topic rule; rule names have no hyphens."""
        return self._underscores("attempt_iot_rule_sensor_data")

    @property
    def rule_error_log_group(self) -> str:
        """Log group that the rule's error action writes."""
        return f"/aws/iot/rule/{self._hyphens('attempt-iot-rule-sensor-data')}/errors"

    @property
    def sensor_database(self) -> str:
        """Glue database of Level 1."""
        return self._hyphens("attempt-glue-database-sensor")

    @property
    def sensor_crawler(self) -> str:
        """Crawler of Level 1."""
        return self._hyphens("attempt-glue-crawler-sensor-data")

    @property
    def sensor_workgroup(self) -> str:
        """Athena workgroup of Level 1."""
        return self._hyphens("attempt-athena-workgroup-sensor")

    @property
    def sensor_catalog(self) -> str:
        """Athena data catalog of the DynamoDB connector, and its function's name."""
        return self._hyphens("attempt-athena-catalog-dynamodb")

    @property
    def sensor_table(self) -> str:
        """Name that the crawler gives the table of the readings: lower case, hyphens become underscores."""
        return self.table.replace("-", "_")

    @property
    def dashboard(self) -> str:
        """Id of QuickSight's data source, data set and analysis."""
        return self._hyphens("attempt-sensor-data")

    @property
    def dashboard_title(self) -> str:
        """Name of the same, as people see it."""
        return "AttemptSensorData"

    @property
    def results_bucket(self) -> str:
        """Bucket of Level 1's query results."""
        return self._hyphens(f"attempt-s3-athena-results-{self.account}-{self.region}")

    @property
    def spill_bucket(self) -> str:
        """Bucket into which the connector spills."""
        return self._hyphens(f"attempt-s3-athena-spill-{self.account}-{self.region}")

    @property
    def datastreamer_stack(self) -> str:
        """CloudFormation name of the datastreamer."""
        return self._hyphens(f"datastreamer-{self.stage}")

    @property
    def stream(self) -> str:
        """Kinesis data stream."""
        return self._lake("stream")

    @property
    def firehose(self) -> str:
        """Firehose delivery stream."""
        return self._lake("firehose")

    @property
    def data_bucket(self) -> str:
        """Bucket of the raw data."""
        return self._lake(f"data-bucket-{self._suffix}")

    @property
    def analytics_bucket(self) -> str:
        """Bucket of the curated data."""
        return self._lake(f"analytics-bucket-{self._suffix}")

    @property
    def job(self) -> str:
        """Glue job of the ETL, and the schedule that starts it."""
        return self._lake("temperature-etl")

    @property
    def curated_crawler(self) -> str:
        """Crawler over the curated data."""
        return self._lake("curated-device-telemetry")

    @property
    def analytics_workgroup(self) -> str:
        """Athena workgroup of the datastreamer; Athena wants a name, so it follows the naming rule of the rest."""
        return self._lake("workgroup")

    @property
    def analytics_database(self) -> str:
        """Glue database of the curated data."""
        return self._underscores(f"datastreamer_{self.stage}_analytics")

    @property
    def level2_stack(self) -> str:
        """CloudFormation name of Level 2."""
        return self._hyphens(f"level2-{self.stage}")

    def _analysis(self, name: str) -> str:
        return self._hyphens(f"level2-{self.stage}-{name}")

    @property
    def alarm_topic(self) -> str:
        """SNS topic of Level 2's alarms."""
        return self._analysis("alarms")

    @property
    def flag_rule(self) -> str:
        """IoT topic rule of flagged readings."""
        return self._underscores(f"level2_{self.stage}_device_flags")

    @property
    def flag_error_log_group(self) -> str:
        """Log group that the flag rule's error action writes."""
        return f"/aws/iot/rule/{self._analysis('device-flags')}/errors"

    @property
    def scoring_job(self) -> str:
        """Glue job of the scoring, and the schedule that starts it."""
        return self._analysis("anomaly-scoring")

    @property
    def digest_job(self) -> str:
        """Glue job of the daily digest, and the schedule that starts it."""
        return self._analysis("anomaly-digest")

    @property
    def _suffix(self) -> str:
        """Eight digits that tell accounts and regions apart; both written out would pass 63 characters."""
        return hashlib.sha256(f"{self.account}/{self.region}".encode()).hexdigest()[:8]

    def stream_of(self, stage: str) -> str:
        """Return the name of another stage's stream in the same account and region."""
        return Names(self.prefix, stage, self.account, self.region).stream

    def forms(self) -> dict[str, Form]:
        """Return every name of the deployment with the form that its service wants."""
        stacks = (self.level1_stack, self.datastreamer_stack, self.level2_stack)
        catalog = (self.sensor_database, self.sensor_crawler, self.analytics_database, self.curated_crawler)
        others = (self.table, self.sensor_workgroup, self.analytics_workgroup, self.stream, self.alarm_topic)
        scheduled = (self.job, self.scoring_job, self.digest_job)
        return {
            **dict.fromkeys((self.results_bucket, self.spill_bucket, self.data_bucket, self.analytics_bucket), BUCKET),
            **dict.fromkeys((self.rule, self.flag_rule), RULE),
            **dict.fromkeys((self.firehose, self.sensor_catalog, *scheduled), SHORT),
            **dict.fromkeys((*stacks, *catalog, *others, self.dashboard), LONG),
            **dict.fromkeys((self.rule_error_log_group, self.flag_error_log_group), LOG_GROUP),
        }

    def problems(self) -> list[str]:
        """Return one sentence for each name that its service would refuse."""
        return [problem for name, form in self.forms().items() if (problem := form.problem(name))]
