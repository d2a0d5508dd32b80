"""Databases and tables of a data catalog, as the metadata operations of Athena list them.

Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_TableMetadata.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from lab.local.athena.caller import Caller
from lab.local.athena.catalog import Table
from lab.local.athena.catalogs import Catalogs
from lab.local.athena.errors import QueryError
from lab.local.athena.hive_type import hive_type
from lab.local.athena.requests import invalid, page, required
from lab.local.edge import Call, Operation
from lab.local.errors import AwsError


class Metadata:
    """The metadata operations.

    Parameters: callers, tells who sent a request; catalogs, makes the catalogs of one request.
    """

    def __init__(self, callers: Callable[[Mapping[str, str]], Caller], catalogs: Callable[[Caller], Catalogs]) -> None:
        self._callers = callers
        self._catalogs = catalogs

    def operations(self) -> dict[str, Operation]:
        """The metadata operations."""
        return {
            "ListDatabases": _answered(self._list_databases),
            "GetDatabase": _answered(self._get_database),
            "ListTableMetadata": _answered(self._list_tables),
            "GetTableMetadata": _answered(self._get_table),
        }

    def _kind(self, call: Call) -> tuple[Catalogs, str, str]:
        name = required(call.payload, "CatalogName")
        catalogs = self._catalogs(self._callers(call.headers))
        try:
            kind = catalogs.kind(name)
        except QueryError as error:
            raise invalid(str(error)) from error
        if kind is None:
            raise invalid(f"DataCatalog {name} was not found.")
        return catalogs, name, kind

    def _list_databases(self, call: Call) -> dict[str, Any]:
        catalogs, _, kind = self._kind(call)
        if kind == "GLUE":
            pages = catalogs.caller.client("glue").get_paginator("get_databases").paginate()
            found = [_database(document) for answer in pages for document in answer["DatabaseList"]]
        else:
            found = [{"Name": name} for name in catalogs.dynamodb.databases()]
        shown, more = page(found, call.payload, 50)
        return {"DatabaseList": list(shown), **more}

    def _get_database(self, call: Call) -> dict[str, Any]:
        catalogs, _, kind = self._kind(call)
        name = required(call.payload, "DatabaseName")
        glue = catalogs.caller.client("glue")
        if kind != "GLUE":
            if not catalogs.dynamodb.has_database(name):
                raise _not_found(f"Database {name} not found.")
            return {"Database": {"Name": name}}
        try:
            return {"Database": _database(glue.get_database(Name=name)["Database"])}
        except glue.exceptions.EntityNotFoundException:
            raise _not_found(f"Database {name} not found.") from None

    def _list_tables(self, call: Call) -> dict[str, Any]:
        catalogs, name, kind = self._kind(call)
        database = required(call.payload, "DatabaseName")
        if not catalogs.has_database(name.lower(), database):
            raise _not_found(f"Database {database} not found.")
        if kind == "GLUE":
            pages = catalogs.caller.client("glue").get_paginator("get_tables").paginate(DatabaseName=database)
            found = [_table(document) for answer in pages for document in answer["TableList"]]
        else:
            tables = (catalogs.table(name.lower(), database, table) for table in catalogs.dynamodb.tables(database))
            found = [_connector_table(table) for table in tables if table is not None]
        expression = call.payload.get("Expression")
        if expression:
            pattern = _pattern(expression)
            found = [table for table in found if pattern.fullmatch(table["Name"])]
        shown, more = page(sorted(found, key=lambda table: table["Name"]), call.payload, 50)
        return {"TableMetadataList": list(shown), **more}

    def _get_table(self, call: Call) -> dict[str, Any]:
        catalogs, catalog, kind = self._kind(call)
        database, name = required(call.payload, "DatabaseName"), required(call.payload, "TableName")
        if kind == "GLUE":
            document = catalogs.glue.document(database, name)
            if document is not None:
                return {"TableMetadata": _table(document)}
        else:
            table = catalogs.table(catalog.lower(), database, name)
            if table is not None:
                return {"TableMetadata": _connector_table(table)}
        raise _not_found(f"Table {name} not found.")


def _answered(operation: Operation) -> Operation:
    """The operation, which tells a refusal of Glue as a MetadataException."""

    def answer(call: Call) -> dict[str, Any]:
        from botocore.exceptions import ClientError

        try:
            return operation(call)
        except ClientError as error:
            details = error.response["Error"]
            message = f"{details.get('Message', '')} (Service: AmazonDataCatalog; Error Code: {details.get('Code')})"
            raise AwsError("MetadataException", message) from error

    return answer


def _pattern(expression: str) -> re.Pattern[str]:
    """The filter of ListTableMetadata: a regular expression, in which ``*`` alone stands for anything."""
    try:
        return re.compile(re.sub(r"(?<![.\])\]])\*", ".*", expression))
    except re.error as error:
        raise invalid(f"Invalid expression {expression}: {error}") from error


def _not_found(message: str) -> AwsError:
    return AwsError("MetadataException", f"EntityNotFoundException: {message}")


def _database(document: Mapping[str, Any]) -> dict[str, Any]:
    members = {"Name": document["Name"], "Parameters": document.get("Parameters") or {}}
    return members | ({"Description": document["Description"]} if document.get("Description") else {})


def _table(document: Mapping[str, Any]) -> dict[str, Any]:
    descriptor = document.get("StorageDescriptor") or {}
    parameters = dict(document.get("Parameters") or {})
    serde = descriptor.get("SerdeInfo") or {}
    details = {
        "inputformat": descriptor.get("InputFormat"),
        "outputformat": descriptor.get("OutputFormat"),
        "location": descriptor.get("Location"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
        **{f"serde.param.{key}": value for key, value in (serde.get("Parameters") or {}).items()},
    }
    found = {
        "Name": document["Name"],
        "TableType": document.get("TableType") or "EXTERNAL_TABLE",
        "Columns": [_column(column) for column in descriptor.get("Columns") or []],
        "PartitionKeys": [_column(column) for column in document.get("PartitionKeys") or []],
        "Parameters": parameters | {key: value for key, value in details.items() if value},
    }
    times = {"CreateTime": document.get("CreateTime"), "LastAccessTime": document.get("LastAccessTime")}
    return found | {key: value.timestamp() for key, value in times.items() if value is not None}


def _column(document: Mapping[str, Any]) -> dict[str, str]:
    column = {"Name": document["Name"], "Type": document.get("Type", "string")}
    return column | ({"Comment": document["Comment"]} if document.get("Comment") else {})


def _connector_table(table: Table) -> dict[str, Any]:
    columns = [{"Name": column.name, "Type": hive_type(column.type)} for column in table.columns]
    return {
        "Name": table.name,
        "TableType": "EXTERNAL_TABLE",
        "Columns": columns,
        "PartitionKeys": [],
        "Parameters": {},
    }
