"""Databases made, dropped and changed."""

from __future__ import annotations

from typing import Any

from lab.local.athena.ddl import ast
from lab.local.athena.errors import QueryError
from lab.local.athena.glue_catalog import DEFAULT


def create(statement: ast.CreateDatabase, glue: Any) -> None:
    """CREATE DATABASE. Raises: QueryError when it is there already."""
    details = {"Description": statement.comment, "LocationUri": statement.location}
    given = {key: value for key, value in details.items() if value}
    try:
        glue.create_database(DatabaseInput={"Name": statement.name, "Parameters": dict(statement.properties), **given})
    except glue.exceptions.AlreadyExistsException:
        if not statement.lenient:
            raise failed(f"AlreadyExistsException(message:Database {statement.name} already exists)") from None


def drop(statement: ast.DropDatabase, glue: Any) -> None:
    """DROP DATABASE. Raises: QueryError when it is not there, or holds tables and CASCADE was not said."""
    try:
        glue.get_database(Name=statement.name)
    except glue.exceptions.EntityNotFoundException:
        if statement.lenient:
            return
        raise schema_not_found(statement.name) from None
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=statement.name)
    tables = [table["Name"] for page in pages for table in page["TableList"]]
    if tables and not statement.cascade:
        raise failed(
            f"InvalidOperationException(message:Database {statement.name} is not empty. One or more tables exist.)"
        )
    for name in tables:
        glue.delete_table(DatabaseName=statement.name, Name=name)
    glue.delete_database(Name=statement.name)


def alter(statement: ast.AlterDatabase, glue: Any) -> None:
    """ALTER DATABASE … SET DBPROPERTIES."""
    try:
        known = glue.get_database(Name=statement.name)["Database"]
    except glue.exceptions.EntityNotFoundException:
        raise schema_not_found(statement.name) from None
    kept = {key: known[key] for key in ("Description", "LocationUri") if known.get(key)}
    parameters = {**(known.get("Parameters") or {}), **statement.properties}
    glue.update_database(Name=statement.name, DatabaseInput={"Name": statement.name, "Parameters": parameters, **kept})


def ensure_default(name: str, glue: Any) -> None:
    """Make the database ``default``, which Athena always offers, when a first table goes into it."""
    if name != DEFAULT:
        return
    try:
        glue.create_database(DatabaseInput={"Name": DEFAULT, "Description": "Default database"})
    except glue.exceptions.AlreadyExistsException:
        return


def failed(message: str) -> QueryError:
    """The failure of a DDL statement, in Hive's form."""
    return QueryError(
        "FAILED", f"Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. {message}"
    )


def schema_not_found(name: str) -> QueryError:
    """The error of a database that is not there."""
    return QueryError("FAILED", f"SemanticException [Error 10072]: Database does not exist: {name}")


def table_not_found(name: str) -> QueryError:
    """The error of a table that is not there."""
    return QueryError("FAILED", f"SemanticException [Error 10001]: Table not found {name}")
