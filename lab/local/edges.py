"""What stands at the edge: the services and workers of our own, joined to MiniStack in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from lab.local.cloudformation import Ask
from lab.local.context import Context
from lab.local.edge import Operation, Response, Service, Wire, json_service, rest_service
from lab.local.hook import Hook
from lab.local.inputs import check_body, checked, checked_rest

READ: Final = re.compile(r"^(Get|List|Describe|BatchGet|Query|Scan|Filter|Search|Test|Validate|Start\w+Query)")
_ACTION: Final = re.compile(rb"(?:^|&)Action=(\w+)")


class Worker(Protocol):
    """Something that works beside the services, over the endpoint."""

    def start(self) -> None:
        """Begin to work in threads of its own."""

    def stop(self, deadline: float) -> None:
        """Finish what is under way, or leave it to the checkpoint, within a number of seconds."""


def hooks(decisions_file: Path, account: str, region: str) -> tuple[Hook, ...]:
    """Return the private names that what stands at the edge relies on.

    Parameters: decisions_file, where the permissions that roles use are kept; account, region: of this AWS.
    """
    from lab.local import (
        admission,
        cloudformation,
        decisions,
        grammar,
        inputs,
        resources,
        service_events,
        stack_work,
        trust,
    )
    from lab.local.bus.hooks import HOOKS as BUS
    from lab.local.catalogue.hooks import HOOKS as CATALOGUE
    from lab.local.catalogue.operations import HOOKS as CATALOGUE_OPERATIONS
    from lab.local.jobs.hooks import HOOKS as JOBS
    from lab.local.kinesis.hooks import HOOKS as STREAMS
    from lab.local.monitoring import hooks as monitoring
    from lab.local.mqtt.hooks import HOOKS as GATEWAY
    from lab.local.rules.hooks import HOOKS as RULES

    recorded = decisions.hooks(decisions.Decisions(decisions_file))
    return (
        *cloudformation.hooks(resources.TYPES),
        *stack_work.HOOKS,
        *GATEWAY,
        *RULES,
        *STREAMS,
        *monitoring.hooks(service_events.of("aws.cloudwatch", account, region)),
        *inputs.HOOKS,
        *service_events.HOOKS,
        *admission.HOOKS,
        *BUS,
        *CATALOGUE,
        *CATALOGUE_OPERATIONS,
        *JOBS,
        *grammar.HOOKS,
        *trust.HOOKS,
        *recorded,
    )


def authority() -> str:
    """Return the certificate authority of the MQTT listener as PEM."""
    from ministack.services import iot

    return iot.get_ca_cert_pem()


def install(context: Context, touch: Callable[[str], None]) -> list[Worker]:
    """Put our operations before MiniStack's and return the workers, not yet started.

    Parameters: touch, told the name of every service whose state a request may have changed.
    """
    from ministack import app
    from ministack.core.responses import get_account_id, get_region

    from lab.local import cloudformation, resources, service_events, stack_work, stock
    from lab.local.bus.deliveries import Deliveries
    from lab.local.bus.hooks import Matched
    from lab.local.catalogue.operations import OPERATIONS as CATALOGUE
    from lab.local.crawler import Crawlers
    from lab.local.firehose import Firehose
    from lab.local.forms import readable
    from lab.local.jobs import Jobs
    from lab.local.later import Later
    from lab.local.monitoring.hooks import json_or_query
    from lab.local.monitoring.metrics import Change
    from lab.local.monitoring.watch import Watch
    from lab.local.mqtt import revocation
    from lab.local.mqtt.session import GatewaySession
    from lab.local.schedules import ROUTES, Schedules

    def scope() -> tuple[str, str]:
        return get_account_id(), get_region()

    tell = service_events.of("aws.glue", context.account, context.region)
    firehose, schedules, deliveries = Firehose(context), Schedules(context), Deliveries(context)
    Matched.take = deliveries.take
    crawlers, jobs = Crawlers(context, tell), Jobs(context, tell)
    athena = Later(lambda: _athena(context))
    services = {
        "athena": Service(athena, passes_on=False),
        "firehose": firehose.service,
        "glue": Service({**CATALOGUE, **crawlers.operations, **jobs.operations}, passes_on=True),
    }
    handlers: dict[str, Wire] = app.SERVICE_HANDLERS
    for name in stock.SERVED:
        handlers[name] = stock.served(name, handlers[name])
    for name, service in services.items():
        handlers[name] = json_service(name, service, handlers[name], scope)
    handlers["scheduler"] = rest_service(
        "scheduler", ROUTES, schedules.service, handlers["scheduler"], scope, check=partial(check_body, "scheduler")
    )
    served = {**services, "scheduler": schedules.service}
    _install_resource_types(cloudformation.handlers(resources.TYPES, _Ask(served, context)))
    handlers["cloudformation"] = stack_work.settled(handlers["cloudformation"])
    handlers["iot"] = checked_rest("iot", handlers["iot"])
    GatewaySession.changed = lambda: touch("iot")
    Change.told = lambda: touch("monitoring")
    handlers["monitoring"] = json_or_query(handlers["monitoring"])

    def changed(name: str) -> None:
        touch(name)
        if name in ("iot", "*"):
            revocation.end_inactive()

    for name, handler in list(handlers.items()):
        handlers[name] = _watched(name, readable(name, checked(name, handler)), changed)
    return [athena, firehose, crawlers, jobs, schedules, deliveries, Watch(context)]


def _athena(context: Context) -> Mapping[str, Operation]:
    """Return the operations of Athena, whose SQL takes about as long to import as the start may."""
    from lab.local.athena.service import service

    return service(context).operations


@dataclass(frozen=True)
class _Ask(Ask):
    """Calls operations for a stack: ours directly, others over the endpoint."""

    context: Context

    def __call__(self, service: str, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
        found = self.services.get(service)
        if found is not None and operation in found.operations:
            return super().__call__(service, operation, payload)
        from botocore import xform_name

        answer: dict[str, Any] = getattr(self.context.service_client(service), xform_name(operation))(**payload)
        return answer


def _install_resource_types(ours: Mapping[str, dict[str, Any]]) -> None:
    """Add our types to CloudFormation, and what its own types leave out."""
    from ministack.services.cloudformation import provisioners

    from lab.local import stock_types

    provisioners._RESOURCE_HANDLERS.update(ours)
    stock_types.complete(provisioners._RESOURCE_HANDLERS, ours)


def _watched(name: str, handler: Wire, touch: Callable[[str], None]) -> Wire:
    """Tell the snapshots about every request that may change state."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        response = await handler(method, path, headers, body, query)
        if name == "cloudformation":  # its resources live in all services, and it works on after the answer
            touch("*")
        elif not _reads(method, headers, body):
            touch(name)
        return response

    return handle


def _reads(method: str, headers: dict[str, str], body: bytes) -> bool:
    """Tell whether a request only reads."""
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    if target:
        return bool(READ.match(target))
    action = _ACTION.search(body[:512])
    if action:
        return bool(READ.match(action[1].decode()))
    return method in ("GET", "HEAD")
