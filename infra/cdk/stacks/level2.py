"""Level 2: scheduled scoring of the curated readings, alarms of flagged readings, a daily digest."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_s3 as s3
from constructs import Construct
from parts import lake
from parts.alarms import Alarms
from parts.flags import DeviceFlags
from parts.scoring import METRICS_NAMESPACE, anomalies_table, digest_job, scoring_job
from parts.starts import Starts
from parts.tags import tag
from settings import LEVEL2_KEYS, Settings


class Level2Stack(cdk.Stack):
    """One stage of the analysis. It reads and extends the datastreamer of the same stage, whose names it knows."""

    def __init__(self, scope: Construct, construct_id: str, settings: Settings) -> None:
        """Parameters: settings, checked."""
        names = settings.names
        tags = {"PROJECT": "level2", "STAGE": settings.stage}
        super().__init__(
            scope,
            construct_id,
            stack_name=names.level2_stack,
            env=cdk.Environment(account=settings.account, region=settings.region),
            description=f"Anomalies of the telemetry: scoring, alarms, digest, stage {settings.stage}.",
            termination_protection=settings.protected,
            tags=tags,
        )
        tag(self, tags)
        self.template_options.metadata = {"Settings": settings.given_of(LEVEL2_KEYS)}
        bucket = s3.Bucket.from_bucket_name(self, "Analytics", names.analytics_bucket)
        alarms = Alarms(self, "Alarms", settings, names.alarm_topic)
        flags = DeviceFlags(self, "DeviceFlags", settings, alarms.topic)
        anomalies_table(self, "Anomalies", settings, bucket)
        scoring = scoring_job(self, "Scoring", settings, bucket)
        digest = digest_job(self, "Digest", settings, bucket, alarms.topic)
        starts = Starts(self, "Starts")
        state = settings.scoring_schedule_state
        hourly = starts.every(
            "Scoring",
            name=names.scoring_job,
            expression=settings.scoring_schedule,
            state=state,
            job=scoring.job,
            description="Starts the scoring.",
        )
        daily = starts.every(
            "Digest",
            name=names.digest_job,
            expression=settings.digest_schedule,
            state=state,
            job=digest.job,
            description="Tells of the day before.",
        )
        alarms.when(
            "RuleErrors", flags.error_metric, 0, f"A flagged reading was not told; {names.flag_error_log_group}."
        )
        alarms.when(
            "LateReadings",
            cloudwatch.Metric(
                namespace=METRICS_NAMESPACE,
                metric_name="Late",
                dimensions_map={"JobName": names.scoring_job},
                statistic="Sum",
                period=cdk.Duration.minutes(5),
            ),
            0,
            "Readings came too late to be scored in order; a run with --RESCORE true scores all anew.",
        )
        alarms.when(
            "Undelivered",
            starts.undelivered.metric_approximate_number_of_messages_visible(statistic="Maximum"),
            0,
            "A schedule could not start its job; read the dead-letter queue.",
        )
        alarms.when_a_job_fails(names.scoring_job, names.digest_job, meaning="Scoring or digest failed or was stopped.")
        outputs = {
            "AlarmTopicArn": alarms.topic.topic_arn,
            "FlagRuleName": flags.rule.ref,
            "FlagErrorLogGroupName": flags.errors.log_group_name,
            "DatabaseName": names.analytics_database,
            "TableName": lake.ANOMALIES_TABLE,
            "AnalyticsBucketName": bucket.bucket_name,
            "ScoringJobName": scoring.job.ref,
            "DigestJobName": digest.job.ref,
            "ScoringScheduleName": hourly.ref,
            "DigestScheduleName": daily.ref,
            "UndeliveredQueueUrl": starts.undelivered.queue_url,
            "AnomaliesPrefix": lake.ANOMALIES,
            "ModelsPrefix": lake.MODELS,
            "CheckpointPrefix": lake.SCORING_STATE,
            "MetricsPrefix": lake.SCORING_METRICS,
            "DigestsPrefix": lake.DIGESTS,
        }
        for key, value in outputs.items():
            cdk.CfnOutput(self, key, value=value)
