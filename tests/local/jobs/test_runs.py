"""Job runs in the embedded AWS: under the role, with their logs, by a schedule, in Spark, and over a kill -9."""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lab.local import server
from lab.local.paths import Paths, read

SECONDS = 90
REGION = "ap-northeast-1"
Client = Callable[[str], Any]


class Room:
    """A bucket of scripts and a role for jobs and schedules. Parameters: client, of a service of the embedded AWS."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.name = f"jobs-{uuid.uuid4().hex[:8]}"
        self.glue, self.logs, self.s3 = (client(service) for service in ("glue", "logs", "s3"))
        services = [f"{service}.amazonaws.com" for service in ("glue", "scheduler")]
        trust = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
        self.iam = client("iam")
        made = self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
        self.role = made["Role"]["Arn"]
        self.s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.grant("s3:*", "logs:*", "glue:StartJobRun")
        self.jobs: list[str] = []

    def grant(self, *actions: str) -> None:
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        self.iam.put_role_policy(
            RoleName=self.name, PolicyName="p", PolicyDocument=json.dumps({"Statement": [statement]})
        )

    def job(self, script: str, command: str = "pythonshell", **more: Any) -> str:
        name = f"{self.name}-{len(self.jobs)}"
        self.s3.put_object(Bucket=self.name, Key=f"{name}.py", Body=script.encode())
        location = f"s3://{self.name}/{name}.py"
        self.glue.create_job(Name=name, Role=self.role, Command={"Name": command, "ScriptLocation": location}, **more)
        self.jobs.append(name)
        return name

    def ended(self, job: str, run_id: str | None = None) -> dict[str, Any]:
        """The run, or the newest one, once it has ended."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            runs = self.glue.get_job_runs(JobName=job)["JobRuns"]
            found = [run for run in runs if run_id in (None, run["Id"]) and "CompletedOn" in run]
            if found:
                return dict(found[0])
        raise TimeoutError(job)

    def lines(self, group: str, run_id: str) -> list[str]:
        events = self.logs.get_log_events(logGroupName=group, logStreamName=run_id, startFromHead=True)["events"]
        return [event["message"] for event in events]

    def close(self) -> None:
        for job in self.jobs:
            self.glue.delete_job(JobName=job)
        for entry in self.s3.list_objects_v2(Bucket=self.name).get("Contents", []):
            self.s3.delete_object(Bucket=self.name, Key=entry["Key"])
        self.s3.delete_bucket(Bucket=self.name)
        self.iam.delete_role_policy(RoleName=self.name, PolicyName="p")
        self.iam.delete_role(RoleName=self.name)


@pytest.fixture(scope="module")
def room(aws: Any) -> Iterator[Room]:
    made = Room(aws.client)
    yield made
    made.close()


def test_when_a_python_shell_job_runs_both_its_streams_are_in_cloudwatch_logs(room: Room) -> None:
    name = room.job("import sys\nprint('said')\nprint('complained', file=sys.stderr)\n")
    run_id = room.glue.start_job_run(JobName=name)["JobRunId"]
    assert room.ended(name, run_id)["JobRunState"] == "SUCCEEDED"
    assert room.lines("/aws-glue/python-jobs/output", run_id) == ["said"]
    assert room.lines("/aws-glue/python-jobs/error", run_id) == ["complained"]


def test_when_the_role_may_not_read_the_script_the_run_fails_with_the_refusal(room: Room) -> None:
    name = room.job("print(1)\n")
    room.grant("logs:*")
    found = room.ended(name, room.glue.start_job_run(JobName=name)["JobRunId"])
    room.grant("s3:*", "logs:*", "glue:StartJobRun")
    assert found["JobRunState"] == "FAILED"
    assert "AccessDenied" in found["ErrorMessage"]


def test_when_the_role_may_not_write_logs_the_run_itself_is_none_the_worse(room: Room) -> None:
    name = room.job("print(1)\n")
    room.grant("s3:*")
    run_id = room.glue.start_job_run(JobName=name)["JobRunId"]
    assert room.ended(name, run_id)["JobRunState"] == "SUCCEEDED"
    room.grant("s3:*", "logs:*", "glue:StartJobRun")
    pages = room.logs.get_paginator("describe_log_streams").paginate(logGroupName="/aws-glue/python-jobs/output")
    assert run_id not in [stream["logStreamName"] for page in pages for stream in page["logStreams"]]


def test_when_a_script_calls_aws_it_does_so_under_the_jobs_role(room: Room) -> None:
    script = (
        "import boto3\nprint(boto3.client('sts').get_caller_identity()['Arn'])\nboto3.client('sqs').list_queues()\n"
    )
    name = room.job(script)
    found = room.ended(name, room.glue.start_job_run(JobName=name)["JobRunId"])
    assert found["JobRunState"] == "FAILED"
    assert "sqs:ListQueues" in found["ErrorMessage"].replace("sqs:listqueues", "sqs:ListQueues")
    (line,) = room.lines("/aws-glue/python-jobs/output", found["Id"])
    assert f":assumed-role/{room.name}/" in line


def test_when_a_schedule_is_due_the_job_runs_with_the_arguments_of_the_schedule(room: Room) -> None:
    name = room.job("import sys\nprint(sys.argv[-1])\n")
    scheduler = room.client("scheduler")
    text = json.dumps({"JobName": name, "Arguments": {"--DAY": "<aws.scheduler.scheduled-time>"}})
    scheduler.create_schedule(
        Name=room.name,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun", "RoleArn": room.role, "Input": text},
    )
    found = room.ended(name)
    scheduler.delete_schedule(Name=room.name)
    assert found["JobRunState"] == "SUCCEEDED"
    assert room.lines("/aws-glue/python-jobs/output", found["Id"]) == [found["Arguments"]["--DAY"]]
    assert time.strptime(found["Arguments"]["--DAY"], "%Y-%m-%dT%H:%M:%SZ")


def test_when_a_run_ends_rules_on_the_event_bus_are_told(room: Room) -> None:
    sqs, events = room.client("sqs"), room.client("events")
    queue = sqs.create_queue(QueueName=room.name)["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:000000000000:{room.name}"
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Statement": [{**allow, "Resource": arn}]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    job = room.job("raise ValueError('told')\n")
    pattern = {"source": ["aws.glue"], "detail": {"jobName": [job], "state": ["FAILED"]}}
    events.put_rule(Name=room.name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=room.name, Targets=[{"Id": "q", "Arn": arn}])
    run_id = room.glue.start_job_run(JobName=job)["JobRunId"]
    got: list[dict[str, Any]] = []

    def received() -> bool:
        got.extend(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2).get("Messages", []))
        return bool(got)

    until(received)
    event = json.loads(got[0]["Body"])
    events.remove_targets(Rule=room.name, Ids=["q"])
    events.delete_rule(Name=room.name)
    sqs.delete_queue(QueueUrl=queue)
    assert (event["detail-type"], event["detail"]["jobRunId"]) == ("Glue Job State Change", run_id)
    assert "ValueError: told" in event["detail"]["message"]


def test_when_a_trigger_or_a_workflow_is_asked_for_it_is_refused_by_name(room: Room) -> None:
    action = [{"JobName": "j"}]
    with pytest.raises(ClientError, match="glue:CreateTrigger is not served"):
        room.glue.create_trigger(Name="t", Type="SCHEDULED", Schedule="cron(0 * * * ? *)", Actions=action)
    with pytest.raises(ClientError, match="glue:StartWorkflowRun is not served"):
        room.glue.start_workflow_run(Name="w")
    template = {
        "Resources": {"T": {"Type": "AWS::Glue::Trigger", "Properties": {"Type": "ON_DEMAND", "Actions": action}}}
    }
    stack = {"StackName": room.name, "TemplateBody": json.dumps(template)}
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::Glue::Trigger\]"):
        room.client("cloudformation").create_stack(**stack)


@pytest.mark.spark
@pytest.mark.slow
def test_when_a_spark_job_runs_it_reads_and_writes_s3_with_the_settings_of_the_job(room: Room) -> None:
    script = f"""
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
frame = spark.read.json("s3://{room.name}/in/")
frame.groupBy("device").count().coalesce(1).write.mode("overwrite").csv("s3://{room.name}/out/")
print("shuffles", spark.conf.get("spark.sql.shuffle.partitions"))
raise ValueError("seen to its end")
"""
    room.s3.put_object(Bucket=room.name, Key="in/a.json", Body=b'{"device": "d1"}\n{"device": "d1"}\n')
    name = room.job(script, "glueetl", GlueVersion="5.1", WorkerType="G.1X", NumberOfWorkers=2)
    given = {"--conf": "spark.sql.shuffle.partitions=3", "--custom-logGroup-prefix": f"/aws-glue/jobs/{room.name}"}
    run_id = room.glue.start_job_run(JobName=name, Arguments=given)["JobRunId"]
    found = room.ended(name, run_id)
    assert (found["JobRunState"], found["ErrorMessage"]) == ("FAILED", "ValueError: seen to its end")
    assert found["MaxCapacity"] == 2.0
    assert room.lines(f"/aws-glue/jobs/{room.name}/output", run_id) == ["shuffles 3"]
    keys = [entry["Key"] for entry in room.s3.list_objects_v2(Bucket=room.name, Prefix="out/part-")["Contents"]]
    assert [room.s3.get_object(Bucket=room.name, Key=key)["Body"].read() for key in keys] == [b"d1,2\n"]


def test_when_the_embedded_aws_is_killed_runs_and_schedules_go_on_after_the_start(tmp_path: Path) -> None:
    root = tmp_path / "lab"
    try:
        running = server.start(root, REGION)
        room = Room(clients(root, running))
        name = room.job("import time\nprint('begun', flush=True)\ntime.sleep(600)\n", MaxRetries=1)
        once = room.job("print('by the schedule')\n")
        run_id = room.glue.start_job_run(JobName=name)["JobRunId"]
        until(lambda: room.glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]["JobRunState"] == "RUNNING")
        scheduler = room.client("scheduler")
        due = time.gmtime(time.time() + 6)
        scheduler.create_schedule(
            Name="once",
            ScheduleExpression=time.strftime("at(%Y-%m-%dT%H:%M:%S)", due),
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target={
                "Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun",
                "RoleArn": room.role,
                "Input": json.dumps({"JobName": once}),
            },
        )
        snapshots = {"glue": once, "s3": room.name, "iam": room.name}
        until(lambda: all(text in (Paths(root).state / f"{kind}.json").read_text() for kind, text in snapshots.items()))
        os.killpg(running.pid, signal.SIGKILL)
        os.waitpid(running.pid, 0)

        room.client = clients(root, server.start(root, REGION))
        room.glue = room.client("glue")
        found = room.ended(name, run_id)
        assert found["JobRunState"] == "FAILED"
        assert found["ErrorMessage"] == "The service restarted while the run was under way."
        again = room.glue.get_job_run(JobName=name, RunId=f"{run_id}_attempt_1")["JobRun"]
        assert (again["Attempt"], again["PreviousRunId"]) == (1, run_id)
        room.glue.batch_stop_job_run(JobName=name, JobRunIds=[again["Id"]])
        stopped = room.ended(name, again["Id"])
        assert (stopped["JobRunState"], stopped.get("ErrorMessage")) == ("STOPPED", None)
        assert room.ended(once)["JobRunState"] == "SUCCEEDED"
        until(lambda: room.client("scheduler").list_schedules()["Schedules"] == [])
    finally:
        server.stop(root)


def clients(root: Path, running: server.Running) -> Client:
    key = read(Paths(root).credentials) or {}
    session = boto3.Session(key["access_key_id"], key["secret_access_key"], region_name=running.region)
    return lambda service: session.client(service, endpoint_url=running.endpoint)


def until(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)  # what is awaited gives no event: it is asked for over the wire
