"""Views as Trino keeps them in Glue: a comment around the base64 text of a JSON document.

Source: https://github.com/trinodb/trino/blob/master/plugin/trino-hive/src/main/java/io/trino/plugin/hive/ViewReaderUtil.java
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lab.local.athena.catalog import Column, View
from lab.local.athena.errors import QueryError
from lab.local.athena.hive_type import hive_type
from lab.local.athena.query import OutputColumn
from lab.local.athena.type_text import from_trino

_ENCODED: Final = re.compile(r"^\s*/\* Presto View: ([A-Za-z0-9+/=\s]+) \*/\s*$")
PLACEHOLDER: Final = "/* Presto View */"


def decode(document: Mapping[str, Any]) -> View:
    """Read the view from Glue's description. Raises: QueryError HIVE_INVALID_VIEW_DATA."""
    name = f"{document['DatabaseName']}.{document['Name']}"
    match = _ENCODED.match(document.get("ViewOriginalText") or "")
    if match is None:
        raise QueryError("HIVE_INVALID_VIEW_DATA", f"View {name} was not made by Athena")
    try:
        view = json.loads(base64.b64decode(match[1]))
        columns = tuple(Column(column["name"].lower(), from_trino(column["type"])) for column in view["columns"])
        catalog, schema = view.get("catalog", "awsdatacatalog"), view.get("schema", document["DatabaseName"])
        return View(view["originalSql"], columns, catalog.lower(), schema.lower())
    except (ValueError, KeyError, binascii.Error) as error:
        raise QueryError("HIVE_INVALID_VIEW_DATA", f"View {name} cannot be read: {error}") from error


def table_input(name: str, sql: str, columns: Sequence[OutputColumn], catalog: str, database: str) -> dict[str, Any]:
    """Glue's TableInput of a view.

    Parameters: sql, the query as written; catalog, database: where its names are found.
    """
    document = {
        "originalSql": sql,
        "catalog": catalog,
        "schema": database,
        "columns": [{"name": column.name, "type": column.type.name} for column in columns],
    }
    encoded = base64.b64encode(json.dumps(document).encode()).decode()
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "StorageDescriptor": {
            "Columns": [{"Name": column.name, "Type": hive_type(column.type)} for column in columns],
            "SerdeInfo": {},
        },
        "PartitionKeys": [],
        "ViewOriginalText": f"/* Presto View: {encoded} */",
        "ViewExpandedText": PLACEHOLDER,
    }
