"""Physical names: those that the specification fixes, each decided here and nowhere else.

Everything else gets its name from CloudFormation, so that two deployments never collide.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
"""General purpose bucket names, without the dots that break TLS.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""
_RULE: Final = re.compile(r"[a-zA-Z0-9_]{1,128}")
_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")


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
        """Glue job of the ETL."""
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

    def problems(self) -> list[str]:
        """Return one sentence for each name that its service would refuse."""
        rules = [
            (_BUCKET, 63, (self.results_bucket, self.spill_bucket, self.data_bucket, self.analytics_bucket)),
            (_RULE, 128, (self.rule, self.flag_rule)),
            (_NAME, 64, (self.stream, self.firehose, self.sensor_catalog, self.scoring_job, self.digest_job)),
        ]
        return [
            f"The name {name} has {len(name)} characters or one that is not allowed; at most {most} are allowed."
            for pattern, most, group in rules
            for name in group
            if pattern.fullmatch(name) is None
        ]
