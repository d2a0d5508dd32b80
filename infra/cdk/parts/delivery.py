"""Firehose from the stream to the raw data, under a role of its own."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct
from settings import Settings

from parts import lake
from parts.findings import accept
from parts.logs import log_group
from parts.roles import ServiceRole


class RawDelivery(Construct):
    """The delivery stream: GZIP objects by hour, one record a line.

    The rule's records have no newline; Firehose adds it, so that a line is a record for every reader.
    Source: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, stream: kinesis.Stream, bucket: s3.Bucket
    ) -> None:
        """Parameters: stream, the source; bucket, the destination."""
        super().__init__(scope, construct_id)
        group = log_group(self, "Log", settings)
        log_stream = logs.LogStream(self, "LogStream", log_group=group, removal_policy=cdk.RemovalPolicy.DESTROY)
        role = ServiceRole(self, "Role", "firehose.amazonaws.com", "Firehose: read the stream, write raw data")
        role.allow(
            "kinesis:DescribeStream",
            "kinesis:GetShardIterator",
            "kinesis:GetRecords",
            "kinesis:ListShards",
            on=[stream.stream_arn],
        )
        role.allow("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads", on=[bucket.bucket_arn])
        role.allow(
            "s3:AbortMultipartUpload",
            "s3:GetObject",
            "s3:PutObject",
            on=[bucket.arn_for_objects(f"{lake.RAW}*"), bucket.arn_for_objects(f"{lake.RAW_ERRORS}*")],
            because="Firehose chooses the names of the objects under its two prefixes.",
        )
        role.allow("logs:PutLogEvents", on=[group.log_group_arn])
        self.delivery_stream = firehose.CfnDeliveryStream(
            self,
            "DeliveryStream",
            delivery_stream_name=settings.names.firehose,
            delivery_stream_type="KinesisStreamAsSource",
            kinesis_stream_source_configuration=firehose.CfnDeliveryStream.KinesisStreamSourceConfigurationProperty(
                kinesis_stream_arn=stream.stream_arn, role_arn=role.role_arn
            ),
            extended_s3_destination_configuration=firehose.CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty(
                bucket_arn=bucket.bucket_arn,
                role_arn=role.role_arn,
                prefix=lake.RAW,
                error_output_prefix=f"{lake.RAW_ERRORS}!{{firehose:error-output-type}}/",
                compression_format="GZIP",
                buffering_hints=firehose.CfnDeliveryStream.BufferingHintsProperty(
                    interval_in_seconds=settings.firehose_buffer_seconds,
                    size_in_m_bs=settings.firehose_buffer_megabytes,
                ),
                processing_configuration=firehose.CfnDeliveryStream.ProcessingConfigurationProperty(
                    enabled=True,
                    processors=[
                        firehose.CfnDeliveryStream.ProcessorProperty(
                            type="AppendDelimiterToRecord",
                            parameters=[
                                firehose.CfnDeliveryStream.ProcessorParameterProperty(
                                    parameter_name="Delimiter", parameter_value="\\n"
                                )
                            ],
                        )
                    ],
                ),
                cloud_watch_logging_options=firehose.CfnDeliveryStream.CloudWatchLoggingOptionsProperty(
                    enabled=True, log_group_name=group.log_group_name, log_stream_name=log_stream.log_stream_name
                ),
            ),
        )
        accept(
            self.delivery_stream,
            "AwsSolutions-KDF1",
            "Its source stream is encrypted; a delivery stream that reads a stream cannot encrypt on its own.",
        )
