"""Schedules that start Glue jobs, and the one queue that takes what could not be started."""

from __future__ import annotations

import json

import aws_cdk as cdk
from aws_cdk import aws_glue as glue
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from parts.queues import dead_letter_queue
from parts.roles import ServiceRole


class Starts(Construct):
    """A role that starts the given jobs, their dead-letter queue and the schedules."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """Begin without a schedule."""
        super().__init__(scope, construct_id)
        self.undelivered = dead_letter_queue(self, "Undelivered")
        self.role = ServiceRole(self, "Role", "scheduler.amazonaws.com", "Schedules: start the jobs")
        self.role.allow("sqs:SendMessage", on=[self.undelivered.queue_arn])

    def every(self, construct_id: str, job: glue.CfnJob, *, expression: str, state: str) -> scheduler.CfnSchedule:
        """Return a schedule that starts a job and carries its name.

        A start is tried again for ten minutes, for the run before may still be under way; then it goes to the queue.
        Parameters: expression, rate or cron in Tokyo's time; state, ENABLED or DISABLED.
        Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
        """
        name = str(job.name)
        arn = cdk.Stack.of(self).format_arn(service="glue", resource="job", resource_name=name)
        self.role.allow("glue:StartJobRun", on=[arn])
        schedule = scheduler.CfnSchedule(
            self,
            construct_id,
            name=name,
            description=f"Starts the job {name}.",
            schedule_expression=expression,
            schedule_expression_timezone="Asia/Tokyo",
            state=state,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn="arn:aws:scheduler:::aws-sdk:glue:startJobRun",
                role_arn=self.role.role_arn,
                input=json.dumps({"JobName": name}),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=600, maximum_retry_attempts=5
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=self.undelivered.queue_arn),
            ),
        )
        schedule.add_resource_dependency(job)
        return schedule
