"""Athena workgroups: results encrypted in a known place, scans limited."""

from __future__ import annotations

from aws_cdk import aws_athena as athena
from constructs import Construct
from settings import Settings


def workgroup(scope: Construct, construct_id: str, settings: Settings, name: str, results: str) -> athena.CfnWorkGroup:
    """Return a workgroup that a client's own settings cannot loosen.

    Parameters: results, an S3 URI that ends in a slash.
    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-athena-workgroup.html
    """
    return athena.CfnWorkGroup(
        scope,
        construct_id,
        name=name,
        state="ENABLED",
        recursive_delete_option=True,  # without it a group that has run a query cannot be deleted at all
        work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
            enforce_work_group_configuration=True,
            publish_cloud_watch_metrics_enabled=True,
            bytes_scanned_cutoff_per_query=settings.scan_limit_megabytes * 1024 * 1024,
            engine_version=athena.CfnWorkGroup.EngineVersionProperty(selected_engine_version="Athena engine version 3"),
            result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                output_location=results,
                expected_bucket_owner=settings.account,
                encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                    encryption_option="SSE_S3"
                ),
            ),
        ),
    )
