"""Statements of Hive DDL, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TableName:
    """``database`` is None when the statement leaves it to the query's context."""

    database: str | None
    name: str


@dataclass(frozen=True)
class ColumnDef:
    """``type`` is Hive's text."""

    name: str
    type: str
    comment: str | None = None


@dataclass(frozen=True)
class CreateDatabase:
    """CREATE DATABASE."""

    name: str
    lenient: bool
    comment: str | None = None
    location: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DropDatabase:
    """DROP DATABASE."""

    name: str
    lenient: bool
    cascade: bool


@dataclass(frozen=True)
class AlterDatabase:
    """ALTER DATABASE … SET DBPROPERTIES."""

    name: str
    properties: Mapping[str, str]


@dataclass(frozen=True)
class CreateTable:
    """CREATE EXTERNAL TABLE."""

    name: TableName
    lenient: bool
    columns: tuple[ColumnDef, ...]
    partitions: tuple[ColumnDef, ...]
    comment: str | None
    serde: str
    serde_properties: Mapping[str, str]
    input_format: str
    output_format: str
    location: str
    properties: Mapping[str, str]


@dataclass(frozen=True)
class DropTable:
    """DROP TABLE."""

    name: TableName
    lenient: bool


@dataclass(frozen=True)
class PartitionSpec:
    """Columns and values as written, and where the data is, if it is said."""

    values: tuple[tuple[str, str], ...]
    location: str | None = None


@dataclass(frozen=True)
class AddPartitions:
    """ALTER TABLE … ADD PARTITION."""

    name: TableName
    lenient: bool
    partitions: tuple[PartitionSpec, ...]


@dataclass(frozen=True)
class Comparison:
    """A condition on a partition column in DROP PARTITION."""

    column: str
    operator: str
    value: str


@dataclass(frozen=True)
class DropPartitions:
    """ALTER TABLE … DROP PARTITION: each entry is a list of conditions that must all hold."""

    name: TableName
    lenient: bool
    partitions: tuple[tuple[Comparison, ...], ...]


@dataclass(frozen=True)
class RenamePartition:
    """ALTER TABLE … PARTITION … RENAME TO PARTITION."""

    name: TableName
    old: PartitionSpec
    new: PartitionSpec


@dataclass(frozen=True)
class ChangeColumns:
    """ALTER TABLE … ADD COLUMNS or REPLACE COLUMNS."""

    name: TableName
    columns: tuple[ColumnDef, ...]
    replace: bool


@dataclass(frozen=True)
class ChangeColumn:
    """ALTER TABLE … CHANGE COLUMN."""

    name: TableName
    old: str
    column: ColumnDef


@dataclass(frozen=True)
class SetLocation:
    """ALTER TABLE … [PARTITION …] SET LOCATION."""

    name: TableName
    partition: PartitionSpec | None
    location: str


@dataclass(frozen=True)
class SetProperties:
    """ALTER TABLE … SET TBLPROPERTIES."""

    name: TableName
    properties: Mapping[str, str]


@dataclass(frozen=True)
class RepairTable:
    """MSCK REPAIR TABLE."""

    name: TableName


@dataclass(frozen=True)
class CreateView:
    """CREATE VIEW; ``sql`` is the query as written, ``blanked`` the same with the statement's positions."""

    name: TableName
    replace: bool
    sql: str
    blanked: str


@dataclass(frozen=True)
class DropView:
    """DROP VIEW."""

    name: TableName
    lenient: bool


Ddl = (
    CreateDatabase
    | DropDatabase
    | AlterDatabase
    | CreateTable
    | DropTable
    | AddPartitions
    | DropPartitions
    | RenamePartition
    | ChangeColumns
    | ChangeColumn
    | SetLocation
    | SetProperties
    | RepairTable
    | CreateView
    | DropView
)
