"""Private buckets: encrypted, TLS only, closed to the public."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct
from settings import Settings

from parts.findings import accept


def private_bucket(
    scope: Construct, construct_id: str, name: str, settings: Settings, *, rules: list[s3.LifecycleRule]
) -> s3.Bucket:
    """Return a bucket; a protected stage keeps it when the stack goes.

    Parameters: name, the bucket's name; rules, what ends or moves its objects. Parts of uploads that never finished
    end after a day in any case.
    """
    bucket = s3.Bucket(
        scope,
        construct_id,
        bucket_name=name,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        removal_policy=removal(settings),
        lifecycle_rules=[
            s3.LifecycleRule(id="unfinished-uploads", abort_incomplete_multipart_upload_after=cdk.Duration.days(1)),
            *rules,
        ],
    )
    accept(bucket, "AwsSolutions-S1", "Access logs need one more bucket; CloudTrail data events do the same.")
    return bucket


def expires(rule: str, prefix: str, days: int) -> s3.LifecycleRule:
    """Return a rule that deletes what stands under a prefix after some days."""
    return s3.LifecycleRule(id=rule, prefix=prefix, expiration=cdk.Duration.days(days))


def removal(settings: Settings) -> cdk.RemovalPolicy:
    """Return what becomes of data when its stack goes: a protected stage keeps it."""
    return cdk.RemovalPolicy.RETAIN if settings.protected else cdk.RemovalPolicy.DESTROY
