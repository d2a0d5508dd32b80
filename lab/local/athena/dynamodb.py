"""DynamoDB tables as the Athena DynamoDB connector shows them: schemas, tables and items as typed columns.

Sources: https://github.com/awslabs/aws-athena-query-federation (athena-dynamodb, DynamoDBMetadataHandler, DDBTypeUtils)
and https://docs.aws.amazon.com/athena/latest/ug/connectors-dynamodb.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab.local.athena import types as t
from lab.local.athena.catalog import Column, Table
from lab.local.athena.errors import QueryError
from lab.local.athena.type_text import from_hive

FLAG: Final = "dynamo-db-flag"
DEFAULT: Final = "default"
SAMPLE_ITEMS: Final = 4
NUMBER: Final = t.Decimal(38, 9)
_ARN: Final = re.compile(r"arn:aws[\w-]*:dynamodb:[^:]*:[^:]*:table/([^/]+)")
_SCALARS: Final = {"S": t.VARCHAR, "N": NUMBER, "BOOL": t.BOOLEAN, "B": t.VARBINARY}
_SETS: Final = {"SS": t.VARCHAR, "NS": NUMBER, "BS": t.VARBINARY}


@dataclass(frozen=True)
class DynamoTable:
    """The DynamoDB table behind a table of the connector, and the attribute of each column."""

    name: str
    attributes: Mapping[str, str]


class DynamoCatalog:
    """A data catalog of the connector, for one query.

    Parameters: glue, dynamodb: make clients.
    """

    def __init__(self, glue: Callable[[], Any], dynamodb: Callable[[], Any]) -> None:
        self._glue = glue
        self._dynamodb = dynamodb

    def databases(self) -> list[str]:
        """``default`` and the Glue databases that carry the connector's flag."""
        pages = self._glue().get_paginator("get_databases").paginate()
        known = (database for page in pages for database in page["DatabaseList"])
        flagged = [database["Name"] for database in known if FLAG in (database.get("LocationUri") or "")]
        return sorted({*flagged, DEFAULT})

    def tables(self, database: str) -> list[str]:
        """The names of the tables in a schema."""
        names = {document["Name"] for document in self._glue_tables(database) if _is_dynamodb(document)}
        if database == DEFAULT:
            names |= {name.lower() for name in self._dynamodb_names()}
        return sorted(names)

    def has_database(self, database: str) -> bool:
        """Whether a schema of that name can be asked for. Glue answers for any database, flagged or not."""
        if database == DEFAULT:
            return True
        glue = self._glue()
        try:
            glue.get_database(Name=database)
        except glue.exceptions.EntityNotFoundException:
            return False
        return True

    def table(self, catalog: str, database: str, name: str) -> Table | None:
        """The table as Glue describes it, else with the columns of its first items; None when there is neither."""
        glue = self._glue()
        try:
            document = glue.get_table(DatabaseName=database, Name=name)["Table"]
        except glue.exceptions.EntityNotFoundException:
            return self._inferred(catalog, database, name)
        return self._described(catalog, database, name, document)

    def _described(self, catalog: str, database: str, name: str, document: Mapping[str, Any]) -> Table | None:
        source = self._source(_source_name(document, name))
        if source is None:
            return None
        mapping = _pairs((document.get("Parameters") or {}).get("columnMapping", ""))
        columns, attributes = [], {}
        for entry in [*document["StorageDescriptor"].get("Columns", []), *(document.get("PartitionKeys") or [])]:
            column = entry["Name"].lower()
            columns.append(Column(column, from_hive(entry.get("Type") or "string")))
            attributes[column] = mapping.get(column, entry["Name"])
        return Table(catalog, database, name, tuple(columns), (), DynamoTable(source, attributes))

    def _inferred(self, catalog: str, database: str, name: str) -> Table | None:
        source = self._source(name)
        if source is None:
            return None
        kinds: dict[str, t.Type] = {}
        for item in self._dynamodb().scan(TableName=source, Limit=SAMPLE_ITEMS)["Items"]:
            for attribute, value in item.items():
                kind = inferred(value)
                if kind is not None:
                    kinds.setdefault(attribute, kind)
        columns = tuple(Column(attribute.lower(), kind) for attribute, kind in kinds.items())
        return Table(catalog, database, name, columns, (), DynamoTable(source, {key.lower(): key for key in kinds}))

    def items(self, table: DynamoTable) -> Iterator[dict[str, Any]]:
        """All items, as the API gives them."""
        for page in self._dynamodb().get_paginator("scan").paginate(TableName=table.name):
            yield from page["Items"]

    def _source(self, name: str) -> str | None:
        """The DynamoDB table of that name in any case, or None."""
        names = self._dynamodb_names()
        return name if name in names else next((known for known in names if known.lower() == name.lower()), None)

    def _dynamodb_names(self) -> list[str]:
        pages = self._dynamodb().get_paginator("list_tables").paginate()
        return [name for page in pages for name in page["TableNames"]]

    def _glue_tables(self, database: str) -> list[dict[str, Any]]:
        glue = self._glue()
        try:
            pages = list(glue.get_paginator("get_tables").paginate(DatabaseName=database))
        except glue.exceptions.EntityNotFoundException:
            return []
        return [document for page in pages for document in page["TableList"]]


def inferred(value: Mapping[str, Any]) -> t.Type | None:
    """The type that the connector gives to an attribute value; None for a NULL or an empty list."""
    ((tag, content),) = value.items()
    if tag in _SCALARS:
        return _SCALARS[tag]
    if tag in _SETS:
        return t.Array(_SETS[tag])
    if tag == "L":
        element = inferred(content[0]) if content else None
        return t.Array(element) if element else None
    if tag == "M":
        fields = tuple((key, kind) for key, part in content.items() if (kind := inferred(part)) is not None)
        return t.Row(fields) if fields else None
    return None


def _is_dynamodb(document: Mapping[str, Any]) -> bool:
    descriptor = document.get("StorageDescriptor") or {}
    kinds = {(part.get("Parameters") or {}).get("classification") for part in (document, descriptor)}
    return "dynamodb" in (descriptor.get("Location") or "") or "dynamodb" in kinds


def _source_name(document: Mapping[str, Any], name: str) -> str:
    named = (document.get("Parameters") or {}).get("sourceTable")
    arn = _ARN.search((document.get("StorageDescriptor") or {}).get("Location") or "")
    return named or (arn[1] if arn else name)


def _pairs(text: str) -> dict[str, str]:
    """``columnMapping``: ``column=Attribute,column2=Attribute2``."""
    pairs = (entry.partition("=") for entry in text.split(",") if "=" in entry)
    return {column.strip().lower(): attribute.strip() for column, _, attribute in pairs}


def bad_value(column: str, kind: t.Type, value: Mapping[str, Any]) -> QueryError:
    """The error of an attribute that is not of its column's type."""
    return QueryError("GENERIC_USER_ERROR", f"Attribute {column} holds {dict(value)}, which is no {kind.name}")
