"""Amazon Athena as the embedded AWS serves it: every operation of SQL queries, none of Spark notebooks.

The guard has checked that the caller may call the operation. What the query then does in S3 and Glue it does with the
caller's permissions; a connector reads DynamoDB as the service's own user, in the place of its function's role.
Source: https://docs.aws.amazon.com/athena/latest/APIReference/Welcome.html
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from lab.local.athena.caller import Caller, Callers
from lab.local.athena.catalogs import Catalogs
from lab.local.athena.database import Databases
from lab.local.athena.datacatalogs import DataCatalogs
from lab.local.athena.engine import Engine
from lab.local.athena.executions import Executions
from lab.local.athena.metadata import Metadata
from lab.local.athena.named import NamedQueries
from lab.local.athena.objects import Objects
from lab.local.athena.prepared import PreparedStatements
from lab.local.athena.reader import Known, Reader
from lab.local.athena.records import Records
from lab.local.athena.select import Tools
from lab.local.athena.tags import Tags
from lab.local.athena.workgroups import WorkGroups
from lab.local.context import Context
from lab.local.edge import Service

QUERIES_AT_ONCE: Final = 4
LISTINGS_AT_ONCE: Final = 8


def service(context: Context) -> Service:
    """The operations, with their state below ``context.state``; what was acknowledged survives a killed process."""
    folder = context.state / "athena"
    client = context.service_client
    tags = Tags(Records(folder / "tags"), context.region, context.account)
    registered = DataCatalogs(Records(folder / "catalogs"), tags)
    buckets = context.objects / context.account
    helpers = ThreadPoolExecutor(LISTINGS_AT_ONCE, "athena-list")
    known = Known(Databases(helpers), helpers)
    callers = Callers(context).of

    def catalogs(caller: Caller) -> Catalogs:
        return Catalogs(registered, caller, client, context.account)

    def tools(caller: Caller) -> Tools:
        objects = Objects(buckets, lambda: caller.client("s3"), caller.denial)
        return Tools(objects, Reader(objects, lambda: caller.client("glue"), known), lambda: caller.client("glue"))

    workgroups = WorkGroups(
        Records(folder / "workgroups"),
        tags,
        context.now,
        lambda name: bool(named.in_workgroup(name) or prepared.in_workgroup(name) or executions.in_workgroup(name)),
        lambda name: _empty(name, (named, prepared, executions)),
    )
    named = NamedQueries(Records(folder / "named"), workgroups.get)
    prepared = PreparedStatements(Records(folder / "prepared"), workgroups.get, context.now)
    executions = Executions(
        Records(folder / "executions"),
        workgroups,
        Engine(tools, prepared),
        Objects(buckets, lambda: client("s3"), lambda _action, _resource: None),
        callers=callers,
        catalogs=catalogs,
        executor=ThreadPoolExecutor(QUERIES_AT_ONCE, "athena"),
        now=context.now,
    )
    metadata = Metadata(callers, catalogs)
    parts = (tags, registered, workgroups, named, prepared, executions, metadata)
    return Service(
        {name: operation for part in parts for name, operation in part.operations().items()}, passes_on=False
    )


def _empty(workgroup: str, parts: tuple[NamedQueries, PreparedStatements, Executions]) -> None:
    for part in parts:
        part.empty(workgroup)
