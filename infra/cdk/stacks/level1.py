"""Level 1: device → IoT rule → DynamoDB → crawler → Athena."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iot as iot
from constructs import Construct
from parts.alarms import Alarms
from parts.buckets import expires, private_bucket, removal
from parts.connector import DynamoDbConnector
from parts.crawlers import crawler_role
from parts.findings import accept
from parts.quicksight import Dashboard
from parts.rule import Rule, into_stream, into_table
from parts.stage import StageStack
from parts.workgroup import workgroup
from settings import LEVEL1_KEYS, Settings

READINGS: Final = "SELECT * FROM 'device/+/data' WHERE device_id = topic(2)"
"""Only a message that names its own topic's device is a reading; a device cannot write under another's name."""


class Level1Stack(StageStack):
    """One table of readings, what fills it and what reads it."""

    def __init__(self, scope: Construct, construct_id: str, settings: Settings) -> None:
        """Parameters: settings, checked."""
        names = settings.names
        super().__init__(
            scope,
            construct_id,
            settings,
            name=names.level1_stack,
            project="attempt-iot-monitoring",
            description="IoT sensor readings: MQTT, rule, DynamoDB, Glue catalog, Athena.",
            keys=LEVEL1_KEYS,
        )
        table = self._table(settings)
        rule = Rule(
            self,
            "SensorRule",
            settings,
            name=names.rule,
            error_log_group=names.rule_error_log_group,
            sql=READINGS,
            description="Stores each reading; a failed action goes to the error log.",
            actions=[into_table(table), *(into_stream(names.stream_of(stage)) for stage in settings.feed_stages)],
        )
        results = private_bucket(self, "Results", names.results_bucket, settings, rules=[expires("results", "", 30)])
        spill = private_bucket(self, "Spill", names.spill_bucket, settings, rules=[expires("spill", "", 1)])
        database = self._database(settings)
        crawler = self._crawler(settings, table, database)
        group = workgroup(self, "WorkGroup", settings, names.sensor_workgroup, f"s3://{results.bucket_name}/")
        policy = self._device_policy()
        alarms = Alarms(self, "Alarms", settings)
        alarms.when("RuleErrors", rule.error_metric, 0, f"A rule action failed; read {names.rule_error_log_group}.")
        alarms.when("Unreadable", rule.metric("ParseError"), 0, "A device sent a message that is no JSON: it is lost.")
        alarms.when("Throttled", rule.metric("RuleMessageThrottled"), 0, "AWS IoT put off or dropped messages.")
        alarms.when_a_crawl_fails(names.sensor_crawler, meaning="The crawl of the readings failed; read its log.")
        catalog = ""
        if settings.dynamodb_connector:
            catalog = DynamoDbConnector(self, "Connector", settings, table, spill).catalog.name
        if settings.expose_quicksight:
            Dashboard(self, "Dashboard", settings, names.sensor_table).node.add_dependency(group)
        self.put_out(
            TableName=table.table_name,
            TableArn=table.table_arn,
            RuleName=rule.rule.ref,
            ErrorLogGroupName=rule.errors.log_group_name,
            DatabaseName=database.ref,
            CrawlerName=crawler.ref,
            WorkGroupName=group.ref,
            ResultsBucketName=results.bucket_name,
            SpillBucketName=spill.bucket_name,
            DevicePolicyName=policy.ref,
            RawTopicPattern="device/+/data",
            AlarmTopicArn=alarms.topic.topic_arn,
            **({"CatalogName": catalog} if catalog else {}),
        )

    def _table(self, settings: Settings) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            "Readings",
            table_name=settings.names.table,
            partition_key=dynamodb.Attribute(name="device_id", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="timestamp", type=dynamodb.AttributeType.NUMBER),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            deletion_protection=settings.protected,
            removal_policy=removal(settings),
        )

    def _database(self, settings: Settings) -> glue.CfnDatabase:
        return glue.CfnDatabase(
            self,
            "Database",
            catalog_id=settings.account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=settings.names.sensor_database,
                description="Readings in DynamoDB.",
                # The connector lists a database's tables only under this flag.
                location_uri="dynamo-db-flag",
            ),
        )

    def _crawler(self, settings: Settings, table: dynamodb.Table, database: glue.CfnDatabase) -> glue.CfnCrawler:
        role = crawler_role(self, "CrawlerRole", settings.names.sensor_database)
        role.allow("dynamodb:DescribeTable", "dynamodb:Scan", on=[table.table_arn])
        crawler = glue.CfnCrawler(
            self,
            "Crawler",
            name=settings.names.sensor_crawler,
            role=role.role_arn,
            database_name=database.ref,
            description="Describes the table of readings.",
            targets=glue.CfnCrawler.TargetsProperty(
                dynamo_db_targets=[glue.CfnCrawler.DynamoDBTargetProperty(path=table.table_name)]
            ),
            schedule=glue.CfnCrawler.ScheduleProperty(schedule_expression="cron(0 2 * * ? *)"),
            schema_change_policy=glue.CfnCrawler.SchemaChangePolicyProperty(
                update_behavior="UPDATE_IN_DATABASE", delete_behavior="LOG"
            ),
        )
        accept(crawler, "AwsSolutions-GL1", "CloudWatch encrypts its logs itself.")
        return crawler

    def _device_policy(self) -> iot.CfnPolicy:
        """Return the policy of every device's certificate: connect as the thing itself, publish its own readings.

        Source: https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html
        """
        thing = "${iot:Connection.Thing.ThingName}"
        arn = f"arn:{self.partition}:iot:{self.region}:{self.account}"
        return iot.CfnPolicy(
            self,
            "DevicePolicy",
            policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "iot:Connect",
                        "Resource": f"{arn}:client/{thing}",
                        "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}},
                    },
                    {"Effect": "Allow", "Action": "iot:Publish", "Resource": f"{arn}:topic/device/{thing}/data"},
                ],
            },
        )
