"""Alarms of one stack: one SNS topic, its subscribers, and the alarms that write to it."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct
from settings import Settings


class Alarms(Construct):
    """The topic and what may publish to it.

    The topic is not encrypted with a key of its own: CloudWatch cannot publish under the managed ``alias/aws/sns``,
    and an alarm holds names and numbers only.
    """

    def __init__(self, scope: Construct, construct_id: str, settings: Settings, name: str | None = None) -> None:
        """Parameters: settings, for ``alarmEmail`` and ``monthlyBudgetUsd``; name, of the topic where it is fixed."""
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", topic_name=name, enforce_ssl=True)
        self.admit("cloudwatch.amazonaws.com")
        if settings.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
        if settings.monthly_budget_usd:
            self._budget(settings)

    def admit(self, service: str) -> None:
        """Let a service of this account publish to the topic."""
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

    def when_a_job_fails(self, *jobs: str, meaning: str) -> None:
        """Tell of runs of Glue jobs that failed, ran too long or were stopped.

        Source: https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
        """
        failed = events.Rule(
            self,
            "JobFailed",
            description=meaning,
            event_pattern=events.EventPattern(
                source=["aws.glue"],
                detail_type=["Glue Job State Change"],
                detail={"jobName": list(jobs), "state": ["FAILED", "TIMEOUT", "STOPPED"]},
            ),
        )
        failed.add_target(targets.SnsTopic(self.topic))

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
