"""Schedules that start Glue jobs, and the one queue that takes what could not be started."""

from __future__ import annotations

import json

import aws_cdk as cdk
from aws_cdk import aws_glue as glue
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from parts.findings import accept
from parts.roles import ServiceRole


class Starts(Construct):
    """A role that starts the given jobs, their dead-letter queue and the schedules."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """Begin without a schedule."""
        super().__init__(scope, construct_id)
        self.undelivered = sqs.Queue(
            self,
            "Undelivered",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),
        )
        accept(self.undelivered, "AwsSolutions-SQS3", "This queue is itself the dead-letter queue.")
        self.role = ServiceRole(self, "Role", "scheduler.amazonaws.com", "Schedules: start the jobs")
        self.role.allow("sqs:SendMessage", on=[self.undelivered.queue_arn])

    def every(
        self, construct_id: str, *, name: str, expression: str, state: str, job: glue.CfnJob, description: str
    ) -> scheduler.CfnSchedule:
        """Return a schedule that starts a job.

        Parameters: name, of the schedule; expression, rate or cron in Tokyo's time; state, ENABLED or DISABLED.
        """
        job_name = str(job.name)
        arn = cdk.Stack.of(self).format_arn(service="glue", resource="job", resource_name=job_name)
        self.role.allow("glue:StartJobRun", on=[arn])
        schedule = scheduler.CfnSchedule(
            self,
            construct_id,
            name=name,
            description=description,
            schedule_expression=expression,
            schedule_expression_timezone="Asia/Tokyo",
            state=state,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn="arn:aws:scheduler:::aws-sdk:glue:startJobRun",
                role_arn=self.role.role_arn,
                input=json.dumps({"JobName": job_name}),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=1800, maximum_retry_attempts=5
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=self.undelivered.queue_arn),
            ),
        )
        schedule.add_resource_dependency(job)
        return schedule
