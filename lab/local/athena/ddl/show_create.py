"""The statement that would make a table again, as SHOW CREATE TABLE writes it.

Source: https://docs.aws.amazon.com/athena/latest/ug/show-create-table.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def create_table(document: Mapping[str, Any]) -> str:
    """CREATE EXTERNAL TABLE from Glue's description."""
    descriptor = document["StorageDescriptor"]
    serde = descriptor.get("SerdeInfo") or {}
    lines = [
        f"CREATE EXTERNAL TABLE `{document['DatabaseName']}.{document['Name']}`(",
        f"{_columns(descriptor.get('Columns') or [])})",
    ]
    parameters = dict(document.get("Parameters") or {})
    comment = parameters.pop("comment", None)
    if comment:
        lines.append(f"COMMENT {_string(comment)}")
    if document.get("PartitionKeys"):
        lines += ["PARTITIONED BY ( ", f"{_columns(document['PartitionKeys'])})"]
    lines += ["ROW FORMAT SERDE ", f"  {_string(serde.get('SerializationLibrary', ''))} "]
    if serde.get("Parameters"):
        lines += ["WITH SERDEPROPERTIES ( ", f"{_properties(serde['Parameters'])}) "]
    lines += [
        "STORED AS INPUTFORMAT ",
        f"  {_string(descriptor.get('InputFormat', ''))} ",
        "OUTPUTFORMAT ",
        f"  {_string(descriptor.get('OutputFormat', ''))}",
        "LOCATION",
        f"  {_string(descriptor.get('Location', ''))}",
    ]
    parameters.pop("EXTERNAL", None)
    if parameters:
        lines += ["TBLPROPERTIES (", f"{_properties(parameters)})"]
    return "\n".join(lines)


def _columns(columns: Sequence[Mapping[str, str]]) -> str:
    return ", \n".join(f"  `{column['Name']}` {column['Type']}{_comment(column)}" for column in columns)


def _comment(column: Mapping[str, str]) -> str:
    return f" COMMENT {_string(column['Comment'])}" if column.get("Comment") else ""


def _properties(given: Mapping[str, str]) -> str:
    return ", \n".join(f"  {_string(key)}={_string(value)}" for key, value in sorted(given.items()))


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return f"'{escaped}'"
