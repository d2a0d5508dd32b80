"""Datastreamer: Kinesis → Firehose → raw data → ETL → curated Parquet → crawler → Athena."""

from __future__ import annotations

import json

import aws_cdk as cdk
from aws_cdk import aws_glue as glue
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_s3 as s3
from constructs import Construct
from parts import lake
from parts.alarms import Alarms
from parts.buckets import expires, private_bucket, removal
from parts.crawlers import crawler_role
from parts.delivery import RawDelivery
from parts.etl import etl_job
from parts.findings import accept
from parts.lake_alarms import watch
from parts.stage import StageStack
from parts.starts import Starts
from parts.workgroup import workgroup
from settings import DATASTREAMER_KEYS, Settings


class DatastreamerStack(StageStack):
    """One stage of the lake."""

    def __init__(self, scope: Construct, construct_id: str, settings: Settings) -> None:
        """Parameters: settings, checked."""
        names = settings.names
        super().__init__(
            scope,
            construct_id,
            settings,
            name=names.datastreamer_stack,
            project="datastreamer",
            description=f"Temperature telemetry from Kinesis to Athena, stage {settings.stage}.",
            keys=DATASTREAMER_KEYS,
        )
        stream = kinesis.Stream(
            self,
            "Stream",
            stream_name=names.stream,
            stream_mode=kinesis.StreamMode.PROVISIONED,
            shard_count=1,
            retention_period=cdk.Duration.hours(24),
            encryption=kinesis.StreamEncryption.MANAGED,
            removal_policy=removal(settings),
        )
        data = private_bucket(self, "Data", names.data_bucket, settings, rules=_raw_rules())
        analytics = private_bucket(
            self,
            "Analytics",
            names.analytics_bucket,
            settings,
            rules=[expires("query-results", lake.RESULTS, 30), expires("rejected-records", lake.DLQ, 365)],
        )
        delivery = RawDelivery(self, "RawDelivery", settings, stream, data)
        etl = etl_job(self, "Etl", settings, data, analytics)
        starts = Starts(self, "Starts")
        schedule = starts.every("Etl", etl.job, expression=settings.etl_schedule, state=settings.etl_schedule_state)
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=settings.account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=names.analytics_database, description="Curated telemetry."
            ),
        )
        crawler = self._crawler(settings, analytics, database)
        results = f"s3://{analytics.bucket_name}/{lake.RESULTS}"
        group = workgroup(self, "WorkGroup", settings, names.analytics_workgroup, results)
        alarms = Alarms(self, "Alarms", settings)
        watch(alarms, names, etl, schedule, starts.undelivered)
        self.put_out(
            StreamName=stream.stream_name,
            FirehoseName=delivery.delivery_stream.ref,
            DataBucketName=data.bucket_name,
            AnalyticsBucketName=analytics.bucket_name,
            JobName=etl.job.ref,
            CrawlerName=crawler.ref,
            DatabaseName=database.ref,
            TableName=lake.TABLE,
            WorkGroupName=group.ref,
            ResultsLocation=results,
            ScheduleName=schedule.ref,
            UndeliveredQueueUrl=starts.undelivered.queue_url,
            RawPrefix=lake.RAW,
            CuratedPrefix=lake.CURATED,
            DlqPrefix=lake.DLQ,
            CheckpointPrefix=lake.CHECKPOINT,
            MetricsPrefix=lake.METRICS,
            AlarmTopicArn=alarms.topic.topic_arn,
        )

    def _crawler(self, settings: Settings, analytics: s3.Bucket, database: glue.CfnDatabase) -> glue.CfnCrawler:
        role = crawler_role(self, "CrawlerRole", settings.names.analytics_database)
        role.allow("s3:GetBucketLocation", "s3:ListBucket", on=[analytics.bucket_arn])
        role.allow(
            "s3:GetObject", on=[analytics.arn_for_objects(f"{lake.CURATED}*")], because="Spark names the objects."
        )
        crawler = glue.CfnCrawler(
            self,
            "Crawler",
            name=settings.names.curated_crawler,
            role=role.role_arn,
            database_name=database.ref,
            description="Adds the new days of curated telemetry to the catalog.",
            targets=glue.CfnCrawler.TargetsProperty(
                s3_targets=[glue.CfnCrawler.S3TargetProperty(path=f"s3://{analytics.bucket_name}/{lake.CURATED}")]
            ),
            schedule=glue.CfnCrawler.ScheduleProperty(schedule_expression=settings.crawler_schedule),
            schema_change_policy=glue.CfnCrawler.SchemaChangePolicyProperty(
                update_behavior="UPDATE_IN_DATABASE", delete_behavior="LOG"
            ),
            recrawl_policy=glue.CfnCrawler.RecrawlPolicyProperty(recrawl_behavior="CRAWL_EVERYTHING"),
            configuration=json.dumps(
                {
                    "Version": 1.0,
                    "CrawlerOutput": {
                        "Partitions": {"AddOrUpdateBehavior": "InheritFromTable"},
                        "Tables": {"AddOrUpdateBehavior": "MergeNewColumns"},
                    },
                    # One table for the whole prefix, whatever a day's files look like: bucket 1, curated 2, table 3.
                    "Grouping": {
                        "TableGroupingPolicy": "CombineCompatibleSchemas",
                        "TableLevelConfiguration": lake.CURATED.count("/") + 1,
                    },
                }
            ),
        )
        accept(crawler, "AwsSolutions-GL1", "CloudWatch encrypts its logs itself.")
        return crawler


def _raw_rules() -> list[s3.LifecycleRule]:
    """Return what becomes of raw data: archived when the ETL has long read it, deleted after two years."""
    return [
        s3.LifecycleRule(
            id="raw-data",
            prefix=lake.RAW,
            transitions=[
                s3.Transition(storage_class=s3.StorageClass.INFREQUENT_ACCESS, transition_after=cdk.Duration.days(30)),
                s3.Transition(
                    storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transition_after=cdk.Duration.days(90)
                ),
            ],
            expiration=cdk.Duration.days(730),
        ),
        expires("undelivered-data", lake.RAW_ERRORS, 365),
    ]
