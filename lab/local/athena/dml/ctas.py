"""CREATE TABLE … AS: a new table of a query's rows.

Source: https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lab.local.athena.analyse import analyse
from lab.local.athena.catalog import Column
from lab.local.athena.ddl import ast, tables
from lab.local.athena.dml import file_types
from lab.local.athena.dml.encoding import Encoding
from lab.local.athena.dml.properties import Value, check_known, encoding_of, properties, text, texts
from lab.local.athena.dml.target import TargetName, dotted, outcome, register, target_name
from lab.local.athena.dml.write import Plan, Written, written
from lab.local.athena.errors import QueryError
from lab.local.athena.hive_type import hive_type
from lab.local.athena.output_names import check_names
from lab.local.athena.partitions import folder
from lab.local.athena.select import Tools
from lab.local.athena.task import Outcome, Task
from lab.local.athena.tokens import Tokens

ENFORCED: Final = (
    "The Create Table As Select query failed because it was submitted with an 'external_location' property to an "
    "Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
    "'external_location' property and resubmit the query."
)
_KNOWN: Final = (
    "format",
    "external_location",
    "partitioned_by",
    "write_compression",
    "parquet_compression",
    "field_delimiter",
)
_REFUSED: Final = (
    "bucketed_by",
    "bucket_count",
    "table_type",
    "is_external",
    "location",
    "orc_compression",
    "compression_level",
)


@dataclass(frozen=True)
class Ctas:
    """The statement. ``sql`` is the query with the statement's positions."""

    name: tuple[str, ...]
    lenient: bool
    comment: str | None
    properties: dict[str, Value]
    sql: str
    with_data: bool


def parse(sql: str) -> Ctas:
    """Read the statement up to its query. Raises: SyntaxProblem."""
    tokens = Tokens(sql)
    tokens.expect("CREATE", "TABLE")
    lenient = tokens.maybe("IF", "NOT", "EXISTS")
    name = dotted(tokens)
    comment = tokens.string() if tokens.maybe("COMMENT") else None
    given = properties(tokens) if tokens.maybe("WITH") else {}
    tokens.expect("AS")
    start = tokens.peek().start
    for words, with_data in ((("WITH", "NO", "DATA"), False), (("WITH", "DATA"), True)):
        end = tokens.trailing(*words)
        if end is not None:
            return Ctas(name, lenient, comment, given, tokens.blanked(start, end), with_data)
    return Ctas(name, lenient, comment, given, tokens.blanked(start, len(sql)), with_data=True)


def answer(task: Task, tools: Tools) -> Outcome:
    """Write the rows and make the table. Raises: QueryError, Cancelled."""
    statement = parse(task.statement.sql)
    target = target_name(statement.name, task)
    if task.catalogs.glue.document(target.database, target.name) is not None:
        if statement.lenient:
            return outcome(Written(), task, tools)
        raise QueryError("TABLE_ALREADY_EXISTS", f"line 1:1: Destination table '{target}' already exists")
    if not task.catalogs.glue.has_database(target.database):
        raise QueryError("SCHEMA_NOT_FOUND", f"line 1:1: Schema {target.database} not found")
    query = analyse(statement.sql, task.catalogs, task.context, task.parameters)
    check_names(query.columns)
    check_known(statement.properties, _KNOWN, _REFUSED)
    columns = tuple(Column(column.name.lower(), column.type) for column in query.columns)
    keys = texts(statement.properties, "partitioned_by")
    check_order([column.name for column in columns], keys)
    encoding = encoding_of(statement.properties, "PARQUET")
    file_types.check(columns, len(keys), encoding)
    location = _location(statement, task, tools)
    plan = Plan(
        query,
        columns,
        len(keys),
        tuple(range(len(columns))),
        encoding,
        lambda values: f"{location}{folder(keys, values)}",
    )
    table = _table(statement, target, plan, location)
    if not statement.with_data:
        tables.create(table, target.database, tools.glue())
        return outcome(Written(), task, tools)
    return _filled(plan, table, target, task, tools)


def _filled(plan: Plan, table: ast.CreateTable, target: TargetName, task: Task, tools: Tools) -> Outcome:
    with written(plan, task, tools) as result:
        glue = tools.glue()
        tables.create(table, target.database, glue)
        try:
            if result.partitions:
                register(tables.describe(target.name, target.database, glue), result.partitions, (), glue)
            return outcome(result, task, tools)
        except BaseException:
            glue.delete_table(DatabaseName=target.database, Name=target.name)
            raise


def check_order(names: Sequence[str], keys: tuple[str, ...]) -> None:
    """Partition columns are the last ones, in their order. Raises: QueryError."""
    missing = [key for key in keys if key not in names]
    if missing:
        raise QueryError("INVALID_TABLE_PROPERTY", f"line 1:1: Partition columns {missing} not present in schema")
    if keys and tuple(names[-len(keys) :]) != keys:
        raise QueryError(
            "HIVE_COLUMN_ORDER_MISMATCH",
            "Partition keys must be the last columns in the table and in the same order as the table properties: "
            f"[{', '.join(keys)}]",
        )


def _location(statement: Ctas, task: Task, tools: Tools) -> str:
    """Where the table is going to lie, with a slash. Raises: QueryError when something lies there."""
    given = text(statement.properties, "external_location")
    if given is not None and task.enforced:  # a prepared statement; others are refused before
        raise QueryError("INVALID_TABLE_PROPERTY", ENFORCED)
    location = (given or f"{task.folder}tables/{task.id}").rstrip("/") + "/"
    check_empty(location, ".".join(statement.name), tools)
    return location


def check_empty(location: str, name: str, tools: Tools) -> None:
    """Refuse to mix new files with old ones. Raises: QueryError."""
    if any(tools.objects.below(location)):
        raise QueryError(
            "HIVE_PATH_ALREADY_EXISTS",
            f"Target directory for table '{name}' already exists: {location}. You may need to manually clean the data "
            f"at location '{location}' before retrying. Athena will not delete data in your account.",
        )


def _table(statement: Ctas, target: TargetName, plan: Plan, location: str) -> ast.CreateTable:
    described = tuple(ast.ColumnDef(column.name, hive_type(column.type)) for column in plan.columns)
    data = len(described) - plan.keys
    serde, input_format, output_format = plan.encoding.storage
    return ast.CreateTable(
        name=ast.TableName(target.database, target.name),
        lenient=False,
        columns=described[:data],
        partitions=described[data:],
        comment=statement.comment,
        serde=serde,
        serde_properties=_serde(plan.encoding),
        input_format=input_format,
        output_format=output_format,
        location=location,
        properties=_properties(plan.encoding),
    )


def _serde(encoding: Encoding) -> dict[str, str]:
    if encoding.kind == "text":
        return {"field.delim": encoding.delimiter, "serialization.format": encoding.delimiter}
    return {"serialization.format": "1"} if encoding.kind == "parquet" else {}


def _properties(encoding: Encoding) -> dict[str, Any]:
    key = "parquet.compression" if encoding.kind == "parquet" else "write.compression"
    return {key: encoding.compression.upper()}
