"""Alarms of one stack: one SNS topic, its subscribers, and the alarms that write to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from settings import Settings

from parts.queues import dead_letter_queue
from parts.quiet import quiet_hours


class Alarms(Construct):
    """The topic, what may publish to it, and the queue of what the topic could not take or pass on.

    The topic is not encrypted with a key of its own: CloudWatch cannot publish under the managed ``alias/aws/sns``,
    and an alarm holds names and numbers only.
    """

    def __init__(self, scope: Construct, construct_id: str, settings: Settings, name: str | None = None) -> None:
        """Parameters: settings, for ``alarmEmail`` and ``monthlyBudgetUsd``; name, of the topic where it is fixed."""
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", topic_name=name, enforce_ssl=True)
        self.untold = dead_letter_queue(self, "Untold")
        self.admit("cloudwatch.amazonaws.com")
        self.when_waiting("UntoldAlarms", self.untold, "An alarm could not be told; read the queue.")
        if settings.alarm_email:
            email = subscriptions.EmailSubscription(settings.alarm_email, dead_letter_queue=self.untold)
            self.topic.add_subscription(email)
        if settings.monthly_budget_usd:
            self._budget(settings)

    def admit(self, service: str) -> None:
        """Let a service of this account publish to the topic.

        Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html,
        https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
        """
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Publish" + service.partition(".")[0].capitalize(),
                principals=[iam.ServicePrincipal(service)],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            )
        )

    def when(
        self, construct_id: str, metric: cloudwatch.IMetric, above: float, meaning: str, *, times: int = 1
    ) -> None:
        """Raise an alarm when a metric passes a threshold.

        Parameters: above, the threshold in the metric's unit; meaning, what happened and what to look at; times,
        periods in a row. Missing data are no alarm: most of these metrics exist only while something happens.
        """
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            metric=metric,
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=times,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=meaning,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def when_waiting(self, construct_id: str, queue: sqs.Queue, meaning: str) -> None:
        """Raise an alarm while a dead-letter queue holds a message."""
        self.when(construct_id, queue.metric_approximate_number_of_messages_visible(statistic="Maximum"), 0, meaning)

    def when_no_run(self, counted: cloudwatch.Metric, schedule: scheduler.CfnSchedule) -> None:
        """Raise an alarm when the runs that a schedule starts stay away, which no other alarm sees.

        Nothing is watched while the schedule is off, or when its expression names days (``quiet_hours``).
        Parameters: counted, a metric that each run sends at its end. Missing data are what this alarm looks for, so
        that it rings after a first deployment until the first run has ended.
        """
        hours = quiet_hours(schedule.schedule_expression)
        if hours is None or schedule.state != "ENABLED":
            return
        alarm = cloudwatch.Alarm(
            self,
            "NoRun",
            metric=counted.with_(statistic="SampleCount", period=cdk.Duration.hours(1)),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=hours,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
            alarm_description=f"No run of {schedule.name} came to its end for {hours} hours; look at schedule and job.",
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def when_a_job_fails(self, *jobs: str, meaning: str) -> None:
        """Tell of runs of Glue jobs that failed, ran too long or were stopped.

        Source: https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
        """
        detail = {"jobName": list(jobs), "state": ["FAILED", "TIMEOUT", "STOPPED"]}
        self._on_event("JobFailed", "Glue Job State Change", detail, meaning)

    def when_a_crawl_fails(self, crawler: str, meaning: str) -> None:
        """Tell of crawls that failed: nothing else shows that the catalog stays behind.

        Source: https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
        """
        detail = {"crawlerName": [crawler], "state": ["Failed"]}
        self._on_event("CrawlFailed", "Glue Crawler State Change", detail, meaning)

    def _on_event(self, construct_id: str, detail_type: str, detail: Mapping[str, Sequence[str]], meaning: str) -> None:
        """Pass some of Glue's events on to the topic; one that cannot be passed on goes to the queue.

        The statement that lets EventBridge publish has no condition, as EventBridge's guide writes it for topics:
        under one that it does not send, failures would go unheard.
        Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
        """
        rule = events.Rule(
            self,
            construct_id,
            description=meaning,
            event_pattern=events.EventPattern(source=["aws.glue"], detail_type=[detail_type], detail=detail),
        )
        rule.add_target(targets.SnsTopic(self.topic, dead_letter_queue=self.untold))

    def _budget(self, settings: Settings) -> None:
        self.admit("budgets.amazonaws.com")
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=settings.monthly_budget_usd, unit="USD"),
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type="ACTUAL",
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[
                        budgets.CfnBudget.SubscriberProperty(subscription_type="SNS", address=self.topic.topic_arn)
                    ],
                )
                for percent in (80, 100)
            ],
        )
