"""Let go of what a stack's resources hold, and of what its services left: objects, certificates, logs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from lab import target
from lab.errors import LabError

JOB_LOG_GROUPS: Final = ("/aws-glue/python-jobs/output", "/aws-glue/python-jobs/error")
"""Where Glue keeps what Python jobs say, of the whole account; Spark jobs have groups of their own in their stack."""
CRAWLER_LOG_GROUP: Final = "/aws-glue/crawlers"


def release(resources: Sequence[dict[str, Any]], kept: Collection[str] = ()) -> list[str]:
    """Do what has to be done before CloudFormation can delete a stack; return what was done, one sentence each.

    Parameters: resources, as ListStackResources gives them; kept, logical ids that stay when the stack goes, and stay
    as they are.
    """
    done = []
    for resource in resources:
        name = resource.get("PhysicalResourceId")
        action = ACTIONS.get(resource["ResourceType"])
        goes = resource["ResourceStatus"] != "DELETE_COMPLETE" and resource["LogicalResourceId"] not in kept
        if action and name and goes:
            done += action(name)
    return done


def empty_bucket(bucket: str, prefix: str = "") -> list[str]:
    """Delete every object of a bucket, or below a prefix, old versions too. A bucket that is gone is empty.

    Raises: LabError when an object may not be deleted.
    """
    from botocore.exceptions import ClientError

    s3 = target.client("s3")
    deleted = 0
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            found = [
                {"Key": item["Key"], "VersionId": item["VersionId"]}
                for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            ]
            if found:
                answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True})
                refused = answer.get("Errors", [])
                if refused:
                    raise LabError(f"{bucket}/{refused[0]['Key']}: {refused[0]['Message']}.", "Allow s3:DeleteObject.")
                deleted += len(found)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise LabError(f"{bucket} could not be emptied: {error}.", "Allow s3:DeleteObjectVersion.") from error
    return [f"{bucket}/{prefix}: {deleted} objects deleted".replace("/:", ":")] if deleted else []


def remove_devices(policy: str) -> list[str]:
    """Remove the certificates that carry a device policy, with their things; without the policy they are of no use.

    A certificate that carries another policy too serves somebody else: it only loses ours.
    Source: https://docs.aws.amazon.com/iot/latest/apireference/API_DeleteCertificate.html (inactive, nothing attached)
    """
    iot = target.client("iot")
    try:
        pages = list(iot.get_paginator("list_targets_for_policy").paginate(policyName=policy))
    except iot.exceptions.ResourceNotFoundException:
        return []
    removed = []
    for arn in [arn for page in pages for arn in page["targets"]]:
        iot.detach_policy(policyName=policy, target=arn)
        if ":cert/" not in arn:
            continue
        if iot.list_attached_policies(target=arn)["policies"]:
            removed.append(f"{arn.rpartition('/')[2]}: certificate kept, it carries other policies")
            continue
        for thing in iot.list_principal_things(principal=arn)["things"]:
            iot.detach_thing_principal(thingName=thing, principal=arn)
            iot.delete_thing(thingName=thing)
            shutil.rmtree(target.state_folder() / "devices" / thing, ignore_errors=True)
            removed.append(f"{thing}: thing and certificate removed")
        certificate = arn.rpartition("/")[2]
        iot.update_certificate(certificateId=certificate, newStatus="INACTIVE")
        iot.delete_certificate(certificateId=certificate, forceDelete=True)
    return removed


def remove_job_logs(job: str) -> list[str]:
    """Delete the log streams of a Glue job's runs; the groups belong to every job of the account."""
    glue = target.client("glue")
    try:
        pages = list(glue.get_paginator("get_job_runs").paginate(JobName=job))
    except glue.exceptions.EntityNotFoundException:
        return []
    runs = [run["Id"] for page in pages for run in page["JobRuns"]]
    deleted = sum(_delete_streams(group, run) for run in runs for group in JOB_LOG_GROUPS)
    return [f"{job}: {deleted} log streams deleted"] if deleted else []


def remove_crawler_logs(crawler: str) -> list[str]:
    """Delete a crawler's log stream."""
    return [f"{crawler}: log stream deleted"] if _delete_streams(CRAWLER_LOG_GROUP, crawler) else []


def _delete_streams(group: str, prefix: str) -> int:
    """Delete the log streams of a group that begin with a name; return how many."""
    logs = target.client("logs")
    try:
        found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)["logStreams"]
    except logs.exceptions.ResourceNotFoundException:
        return 0
    for stream in found:
        logs.delete_log_stream(logGroupName=group, logStreamName=stream["logStreamName"])
    return len(found)


ACTIONS: Final[dict[str, Callable[[str], list[str]]]] = {
    "AWS::S3::Bucket": empty_bucket,
    "AWS::IoT::Policy": remove_devices,
    "AWS::Glue::Job": remove_job_logs,
    "AWS::Glue::Crawler": remove_crawler_logs,
}
"""What each resource type needs before, or leaves behind."""
