"""Tables made, dropped and changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from lab.local.athena.ddl import ast
from lab.local.athena.ddl.databases import ensure_default, failed, schema_not_found, table_not_found
from lab.local.athena.errors import QueryError

_INPUT: Final = (
    "Name",
    "Description",
    "Owner",
    "StorageDescriptor",
    "PartitionKeys",
    "TableType",
    "Parameters",
    "ViewOriginalText",
    "ViewExpandedText",
)


def create(statement: ast.CreateTable, database: str, glue: Any) -> None:
    """CREATE EXTERNAL TABLE. Raises: QueryError when the table is there, the database is not, or a name comes twice."""
    _check_names(statement)
    ensure_default(database, glue)
    parameters = {"EXTERNAL": "TRUE", **statement.properties}
    if statement.comment:
        parameters["comment"] = statement.comment
    document = {
        "Name": statement.name.name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": glue_columns(statement.partitions),
        "StorageDescriptor": {
            "Columns": glue_columns(statement.columns),
            "Location": statement.location,
            "InputFormat": statement.input_format,
            "OutputFormat": statement.output_format,
            "Compressed": False,
            "NumberOfBuckets": -1,
            "SerdeInfo": {"SerializationLibrary": statement.serde, "Parameters": dict(statement.serde_properties)},
            "BucketColumns": [],
            "SortColumns": [],
            "StoredAsSubDirectories": False,
        },
    }
    store(document, database, glue, lenient=statement.lenient)


def _check_names(statement: ast.CreateTable) -> None:
    taken: set[str] = set()
    for column in statement.columns:
        if column.name in taken:
            raise QueryError("FAILED", f"SemanticException [Error 10036]: Duplicate column name: {column.name}")
        taken.add(column.name)
    for column in statement.partitions:
        if column.name in taken:
            raise QueryError("FAILED", "SemanticException [Error 10035]: Column repeated in partitioning columns")
        taken.add(column.name)


def store(document: dict[str, Any], database: str, glue: Any, *, lenient: bool) -> None:
    """Make a table or view in Glue. Raises: QueryError."""
    try:
        glue.create_table(DatabaseName=database, TableInput=document)
    except glue.exceptions.AlreadyExistsException:
        if not lenient:
            raise failed(f"AlreadyExistsException(message:Table {document['Name']} already exists)") from None
    except glue.exceptions.EntityNotFoundException:
        raise schema_not_found(database) from None


def glue_columns(columns: Iterable[ast.ColumnDef]) -> list[dict[str, str]]:
    """Columns as Glue takes them."""
    return [
        {"Name": column.name, "Type": column.type, **({"Comment": column.comment} if column.comment else {})}
        for column in columns
    ]


def drop(statement: ast.DropTable | ast.DropView, database: str, glue: Any) -> None:
    """DROP TABLE or DROP VIEW: the description goes, the data stays.

    Raises: QueryError when it is not there or the other of the two; with IF EXISTS nothing is done then.
    """
    try:
        is_view = describe(statement.name.name, database, glue).get("TableType") == "VIRTUAL_VIEW"
        if is_view and isinstance(statement, ast.DropTable):
            raise failed("Cannot drop a view with DROP TABLE")
        if not is_view and isinstance(statement, ast.DropView):
            raise failed("Cannot drop a base table with DROP VIEW")
    except QueryError:
        if statement.lenient:
            return
        raise
    glue.delete_table(DatabaseName=database, Name=statement.name.name)


def describe(name: str, database: str, glue: Any) -> dict[str, Any]:
    """Glue's description. Raises: QueryError when it is not there."""
    try:
        return dict(glue.get_table(DatabaseName=database, Name=name)["Table"])
    except glue.exceptions.EntityNotFoundException:
        raise table_not_found(f"{database}.{name}") from None


def update(document: Mapping[str, Any], glue: Any) -> None:
    """Store a changed description."""
    changed = {key: document[key] for key in _INPUT if document.get(key) not in (None, "")}
    glue.update_table(DatabaseName=document["DatabaseName"], TableInput=changed)


def change_columns(statement: ast.ChangeColumns, database: str, glue: Any) -> None:
    """ALTER TABLE … ADD COLUMNS or REPLACE COLUMNS. Raises: QueryError for a column that is there already."""
    document = describe(statement.name.name, database, glue)
    kept = [] if statement.replace else document["StorageDescriptor"].get("Columns") or []
    taken = {column["Name"] for column in [*kept, *(document.get("PartitionKeys") or [])]}
    for column in statement.columns:
        if column.name in taken:
            raise failed(f"Duplicate column name: {column.name}")
    document["StorageDescriptor"]["Columns"] = [*kept, *glue_columns(statement.columns)]
    update(document, glue)


def change_column(statement: ast.ChangeColumn, database: str, glue: Any) -> None:
    """ALTER TABLE … CHANGE COLUMN. Raises: QueryError when the column is not there."""
    document = describe(statement.name.name, database, glue)
    columns = document["StorageDescriptor"].get("Columns") or []
    places = [place for place, column in enumerate(columns) if column["Name"] == statement.old]
    if not places:
        raise failed(f"Invalid column reference {statement.old}")
    others = {column["Name"] for column in [*columns, *(document.get("PartitionKeys") or [])]} - {statement.old}
    if statement.column.name in others:
        raise failed(f"Duplicate column name: {statement.column.name}")
    (columns[places[0]],) = glue_columns([statement.column])
    update(document, glue)


def set_properties(statement: ast.SetProperties, database: str, glue: Any) -> None:
    """ALTER TABLE … SET TBLPROPERTIES."""
    document = describe(statement.name.name, database, glue)
    document["Parameters"] = {**(document.get("Parameters") or {}), **statement.properties}
    update(document, glue)


def set_location(name: str, location: str, database: str, glue: Any) -> None:
    """ALTER TABLE … SET LOCATION."""
    document = describe(name, database, glue)
    document["StorageDescriptor"]["Location"] = location
    update(document, glue)
