"""Where the rules engine joins MiniStack: its rules are stored there, checked and run here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, Final

from ministack.services import iot

from lab.local.hook import Hook
from lab.local.rules import metrics
from lab.local.rules.dispatch import run
from lab.local.rules.errors import RuleError, SqlError
from lab.local.rules.message import Headers, Message
from lab.local.rules.query import query
from lab.local.rules.validate import check_rule

Put = Callable[..., dict[str, Any]]

_sent_with: Final[ContextVar[bytes]] = ContextVar("sent_with", default=b"")
"""The MQTT 5 properties of the message that is being published, as the broker has them."""


def checked(original: Put) -> Put:
    """Wrap the one function through which the API and CloudFormation store a rule."""

    @wraps(original)
    def put_topic_rule(name: str, payload: dict[str, Any], *, created_at: float | None = None) -> dict[str, Any]:
        try:
            check_rule(payload)
        except SqlError as error:
            raise iot.RuleSqlError(str(error)) from None
        except RuleError as error:
            raise iot.RuleRepublishError(str(error)) from None  # answered as InvalidRequestException
        return original(name, payload, created_at=created_at)

    return put_topic_rule


def evaluated(_original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Replace the evaluation of all rules for a message."""

    async def _evaluate_topic_rules(
        account_id: str, region: str, topic: str, payload: bytes, client_id: str | None = None
    ) -> None:
        message: Message | None = None
        for rule in iot._rules_for_account(account_id, region):
            topic_filter = _filter(rule)
            if topic_filter and iot._subscription_matches(topic_filter, topic):
                message = message or _message(account_id, region, topic, payload, client_id)
                if not rule.get("ruleDisabled"):
                    metrics.matched(rule["ruleName"], message)
                await run(rule, message)

    return _evaluate_topic_rules


def with_properties(original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Wrap the publishing of a message: its rules see what MQTT 5 sent beside the payload."""

    @wraps(original)
    async def broker_publish(  # noqa: PLR0917  (MiniStack's own signature)
        account_id: str,
        region: str,
        topic: str,
        payload: bytes,
        qos: int = 0,
        retain: bool = False,
        properties: bytes = b"",
        client_id: str | None = None,
        principal: str | None = None,
    ) -> None:
        token = _sent_with.set(properties)
        try:
            await original(account_id, region, topic, payload, qos, retain, properties, client_id, principal)
        finally:
            _sent_with.reset(token)

    return broker_publish


def ingested(_original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Replace the run of one rule, which Basic Ingest asks for by name."""

    async def _run_rule_actions(  # noqa: PLR0917  (MiniStack's own signature)
        account_id: str,
        region: str,
        rule: dict[str, Any] | None,
        payload: bytes,
        topic: str = "",
        client_id: str | None = None,
    ) -> None:
        if rule is not None:
            await run(rule, _message(account_id, region, topic, payload, client_id))

    return _run_rule_actions


def topic_filter(_original: Callable[[str], str]) -> Callable[[str], str]:
    """Replace the reading of a rule's FROM, which ListTopicRules and the check of republish topics show."""
    return lambda sql: _filter({"sql": sql}) or ""


def accept_sql(_original: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Leave the check of SQL to our parser, which accepts more."""
    return lambda sql: None  # noqa: ARG005  (the name is part of the checked signature)


def all_functions(_original: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """Say nothing of functions that are missing: ours refuses them."""
    return lambda sql: []  # noqa: ARG005


def _filter(rule: dict[str, Any]) -> str | None:
    try:
        return query(rule["sql"]).topic_filter
    except SqlError:
        return None


def _message(account: str, region: str, topic: str, payload: bytes, client_id: str | None) -> Message:
    principal, trace_id = iot._rule_message_identity.get()
    return Message(
        topic,
        payload or b"",
        account,
        region,
        client_id=client_id,
        principal=principal,
        source_ip=iot._publish_source_ip.get(),
        headers=_headers(_sent_with.get()),
        trace_id=trace_id,
    )


def _headers(properties: bytes) -> Headers:
    if not properties:
        return Headers()
    sent = iot._decode_properties(properties, 0)[0]
    one = dict(sent)
    return Headers(
        one.get(iot.PROP_PAYLOAD_FORMAT_INDICATOR) == 1,
        one.get(iot.PROP_CONTENT_TYPE),
        one.get(iot.PROP_RESPONSE_TOPIC),
        one.get(iot.PROP_CORRELATION_DATA),
        tuple(value for kind, value in sent if kind == iot.PROP_USER_PROPERTY),
    )


_IOT = "ministack.services.iot"
HOOKS: tuple[Hook, ...] = (
    Hook(_IOT, "put_topic_rule", ("name", "payload", "created_at"), "rules that are not accepted", checked),
    Hook(
        _IOT,
        "_evaluate_topic_rules",
        ("account_id", "region", "topic", "payload", "client_id"),
        "the rules that a message matches",
        evaluated,
    ),
    Hook(
        _IOT,
        "_run_rule_actions",
        ("account_id", "region", "rule", "payload", "topic", "client_id"),
        "Basic Ingest",
        ingested,
    ),
    Hook(_IOT, "_rule_topic_filter", ("sql",), "the topic filter of a rule", topic_filter),
    Hook(_IOT, "_validate_rule_sql", ("sql",), "SQL is checked by our parser", accept_sql),
    Hook(_IOT, "_unimplemented_sql_functions", ("sql",), "functions are checked by our parser", all_functions),
    Hook(_IOT, "_rules_for_account", ("account_id", "region"), "the stored rules"),
    Hook(_IOT, "_subscription_matches", ("filter_", "topic"), "topic filters"),
    Hook(_IOT, "_rule_message_identity", None, "principal and trace id of a message"),
    Hook(_IOT, "_publish_source_ip", None, "the publisher's address"),
    Hook(_IOT, "RuleSqlError", None, "SqlParseException"),
    Hook(_IOT, "RuleRepublishError", None, "InvalidRequestException"),
    Hook(
        _IOT,
        "broker_publish",
        (
            "account_id",
            "region",
            "topic",
            "payload",
            "qos",
            "retain",
            "properties",
            "client_id",
            "principal",
        ),
        "republished messages, and the MQTT 5 properties of all",
        with_properties,
    ),
    Hook(_IOT, "_decode_properties", ("buf", "offset"), "the MQTT 5 properties of a message"),
    *(
        Hook(_IOT, f"PROP_{name}", None, "an MQTT 5 property")
        for name in (
            *("PAYLOAD_FORMAT_INDICATOR", "CONTENT_TYPE", "RESPONSE_TOPIC", "CORRELATION_DATA", "USER_PROPERTY"),
        )
    ),
    Hook(
        "ministack.services.s3",
        "handle_request",
        (
            "method",
            "path",
            "headers",
            "body",
            "query_params",
            "signed_path",
            "enforce_bucket_region",
            "internal",
            "access_point_region",
            "access_point",
        ),
        "objects that a rule puts",
    ),
    Hook("ministack.services.iam", "_roles", None, "trust policies of rule roles"),
    Hook("ministack.core.iam_evaluator", "_gather_role_policies", ("role_name", "account_id"), "policies of a role"),
    Hook(
        "ministack.core.iam_evaluator",
        "_permissions_boundary",
        ("store", "name", "account_id"),
        "the permissions boundary of a role",
    ),
    Hook("ministack.core.iam_evaluator", "_resource_policy", ("service", "resource_arn"), "policies of resources"),
)
