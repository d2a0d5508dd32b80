"""Operations that nothing here relies on and a curious person tries: named queries, job bookmarks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local import account


def test_a_named_query_is_kept_changed_listed_tagged_and_forgotten(aws: Any) -> None:
    athena, group = aws.client("athena"), account.unique("group")
    athena.create_work_group(Name=group, Tags=[{"Key": "a", "Value": "1"}])
    made = athena.create_named_query(
        Name="daily",
        Description="d",
        Database="db",
        QueryString="SELECT 1",
        WorkGroup=group,
        ClientRequestToken="t" * 32,
    )["NamedQueryId"]
    known = {"NamedQueryId": made, "Name": "daily", "Database": "db", "WorkGroup": group}
    assert athena.get_named_query(NamedQueryId=made)["NamedQuery"].items() >= known.items()
    athena.update_named_query(NamedQueryId=made, Name="hourly", Description="h", QueryString="SELECT 2")
    changed = athena.get_named_query(NamedQueryId=made)["NamedQuery"]
    assert (changed["Name"], changed["Description"], changed["QueryString"]) == ("hourly", "h", "SELECT 2")
    assert athena.list_named_queries(WorkGroup=group)["NamedQueryIds"] == [made]
    several = athena.batch_get_named_query(NamedQueryIds=[made, "00000000-0000-0000-0000-000000000000"])
    assert [query["NamedQueryId"] for query in several["NamedQueries"]] == [made]
    assert len(several["UnprocessedNamedQueryIds"]) == 1
    arn = f"arn:aws:athena:{aws.running.region}:{aws.running.account}:workgroup/{group}"
    athena.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    athena.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    athena.delete_named_query(NamedQueryId=made)
    with pytest.raises(athena.exceptions.InvalidRequestException):
        athena.get_named_query(NamedQueryId=made)
    athena.delete_work_group(WorkGroup=group)


def test_a_job_has_no_bookmark_because_none_is_ever_committed(aws: Any) -> None:
    glue, name = aws.client("glue"), account.unique("job")
    command = {"Name": "pythonshell", "ScriptLocation": "s3://none/x.py", "PythonVersion": "3.9"}
    glue.create_job(Name=name, Role="arn:aws:iam::000000000000:role/none", Command=command)
    for ask in (glue.get_job_bookmark, glue.reset_job_bookmark):
        with pytest.raises(glue.exceptions.EntityNotFoundException):
            ask(JobName=name)
    glue.delete_job(JobName=name)
