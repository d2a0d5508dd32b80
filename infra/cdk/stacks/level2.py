"""Level 2: scheduled scoring of the curated readings, alarms of flagged readings, a daily digest."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_s3 as s3
from constructs import Construct
from parts import lake
from parts.alarms import Alarms
from parts.rule import Rule, to_topic
from parts.scoring import METRICS_NAMESPACE, anomalies_table, digest_job, scoring_job
from parts.stage import StageStack
from parts.starts import Starts
from settings import LEVEL2_KEYS, Settings

FLAGGED: Final = "SELECT * FROM 'device/+/data' WHERE device_id = topic(2) AND anomaly >= 1"
"""A message without the member has the value Undefined there, for which no comparison holds."""


class Level2Stack(StageStack):
    """One stage of the analysis. It reads and extends the datastreamer of the same stage, whose names it knows."""

    def __init__(self, scope: Construct, construct_id: str, settings: Settings) -> None:
        """Parameters: settings, checked."""
        names = settings.names
        super().__init__(
            scope,
            construct_id,
            settings,
            name=names.level2_stack,
            project="level2",
            description=f"Anomalies of the telemetry: scoring, alarms, digest, stage {settings.stage}.",
            keys=LEVEL2_KEYS,
        )
        bucket = s3.Bucket.from_bucket_name(self, "Analytics", names.analytics_bucket)
        alarms = Alarms(self, "Alarms", settings, names.alarm_topic)
        flags = Rule(
            self,
            "DeviceFlags",
            settings,
            name=names.flag_rule,
            error_log_group=names.flag_error_log_group,
            sql=FLAGGED,
            description="Tells of each reading that its device flags; a failed action goes to the error log.",
            actions=[to_topic(alarms.topic)],
        )
        anomalies_table(self, "Anomalies", settings, bucket)
        scoring = scoring_job(self, "Scoring", settings, bucket)
        digest = digest_job(self, "Digest", settings, bucket, alarms.topic)
        starts = Starts(self, "Starts")
        state = settings.scoring_schedule_state
        hourly = starts.every("Scoring", scoring.job, expression=settings.scoring_schedule, state=state)
        daily = starts.every("Digest", digest.job, expression=settings.digest_schedule, state=state)
        alarms.when("RuleErrors", flags.error_metric, 0, f"Not told: read {names.flag_error_log_group}.")
        alarms.when(
            "LateReadings",
            scoring.count(METRICS_NAMESPACE, "Late"),
            0,
            "Readings came too late to be scored in order; a run with --RESCORE true scores all anew.",
        )
        alarms.when_waiting("Undelivered", starts.undelivered, "A schedule could not start its job; read the queue.")
        alarms.when_a_job_fails(scoring.name, digest.name, meaning="Scoring or digest failed or was stopped.")
        alarms.when_no_run(scoring.count(METRICS_NAMESPACE, "Late"), hourly)
        self.put_out(
            AlarmTopicArn=alarms.topic.topic_arn,
            FlagRuleName=flags.rule.ref,
            FlagErrorLogGroupName=flags.errors.log_group_name,
            DatabaseName=names.analytics_database,
            TableName=lake.ANOMALIES_TABLE,
            AnalyticsBucketName=bucket.bucket_name,
            ScoringJobName=scoring.job.ref,
            DigestJobName=digest.job.ref,
            ScoringScheduleName=hourly.ref,
            DigestScheduleName=daily.ref,
            UndeliveredQueueUrl=starts.undelivered.queue_url,
            AnomaliesPrefix=lake.ANOMALIES,
            ModelsPrefix=lake.MODELS,
            CheckpointPrefix=lake.SCORING_STATE,
            MetricsPrefix=lake.SCORING_METRICS,
            DigestsPrefix=lake.DIGESTS,
        )
