"""The types of Trino, as values: what every column, expression and result is said to be.

A type knows its Trino text (``name``), the DuckDB type that holds its values (``storage``) and what Athena tells a
client about a column of it (``info``). Sources: https://trino.io/docs/current/language/types.html and
https://docs.aws.amazon.com/athena/latest/APIReference/API_ColumnInfo.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

MAX_VARCHAR = 2147483647
MAX_PRECISION = 38


class ColumnInfo(NamedTuple):
    """Athena's description of a result column: type name without parameters, precision and scale."""

    type: str
    precision: int
    scale: int


class Type:
    """A Trino type. Frozen subclasses compare by value; ``name`` is Trino's text of the type."""

    @property
    def name(self) -> str:
        """Trino's text, such as ``varchar(3)`` or ``array(integer)``."""
        raise NotImplementedError

    @property
    def storage(self) -> str:
        """The DuckDB type in which values of this type are held while a query runs."""
        raise NotImplementedError

    @property
    def info(self) -> ColumnInfo:
        """What GetQueryResults says about a column of this type."""
        raise NotImplementedError

    def __str__(self) -> str:  # noqa: D105
        return self.name


# Name → DuckDB storage, ColumnInfo name, precision. JSON is held as its text, intervals as months and milliseconds.
_SCALARS = {
    "boolean": ("BOOLEAN", "boolean", 0),
    "tinyint": ("TINYINT", "tinyint", 3),
    "smallint": ("SMALLINT", "smallint", 5),
    "integer": ("INTEGER", "integer", 10),
    "bigint": ("BIGINT", "bigint", 19),
    "real": ("FLOAT", "float", 17),
    "double": ("DOUBLE", "double", 17),
    "varbinary": ("BLOB", "varbinary", 1073741824),
    "date": ("DATE", "date", 0),
    "json": ("VARCHAR", "json", 0),
    "uuid": ("UUID", "uuid", 0),
    "interval year to month": ("INTEGER", "interval year to month", 0),
    "interval day to second": ("BIGINT", "interval day to second", 0),
    "unknown": ("INTEGER", "unknown", 0),
}


@dataclass(frozen=True)
class Scalar(Type):
    """A type without parameters."""

    base: str

    @property
    def name(self) -> str:  # noqa: D102
        return self.base

    @property
    def storage(self) -> str:  # noqa: D102
        return _SCALARS[self.base][0]

    @property
    def info(self) -> ColumnInfo:  # noqa: D102
        _, name, precision = _SCALARS[self.base]
        return ColumnInfo(name, precision, 0)


@dataclass(frozen=True)
class Varchar(Type):
    """Text of at most ``length`` characters, or of any length."""

    length: int | None = None

    @property
    def name(self) -> str:  # noqa: D102
        return "varchar" if self.length is None else f"varchar({self.length})"

    @property
    def storage(self) -> str:  # noqa: D102
        return "VARCHAR"

    @property
    def info(self) -> ColumnInfo:  # noqa: D102
        return ColumnInfo("varchar", MAX_VARCHAR if self.length is None else self.length, 0)


@dataclass(frozen=True)
class Char(Type):
    """Text of exactly ``length`` characters; held padded with spaces."""

    length: int = 1

    @property
    def name(self) -> str:  # noqa: D102
        return f"char({self.length})"

    @property
    def storage(self) -> str:  # noqa: D102
        return "VARCHAR"

    @property
    def info(self) -> ColumnInfo:  # noqa: D102
        return ColumnInfo("char", self.length, 0)


@dataclass(frozen=True)
class Decimal(Type):
    """An exact number of ``precision`` digits, ``scale`` of them after the point."""

    precision: int = MAX_PRECISION
    scale: int = 0

    @property
    def name(self) -> str:  # noqa: D102
        return f"decimal({self.precision},{self.scale})"

    @property
    def storage(self) -> str:  # noqa: D102
        return f"DECIMAL({self.precision},{self.scale})"

    @property
    def info(self) -> ColumnInfo:  # noqa: D102
        return ColumnInfo("decimal", self.precision, self.scale)


@dataclass(frozen=True)
class Timestamp(Type):
    """A date and time of day with ``precision`` fraction digits; held in microseconds."""

    precision: int = 3

    @property
    def name(self) -> str:  # noqa: D102
        return f"timestamp({self.precision})"

    @property
    def storage(self) -> str:  # noqa: D102
        return "TIMESTAMP"

    @property
    def info(self) -> ColumnInfo:  # noqa: D102
        return ColumnInfo("timestamp", 3, 0)


@dataclass(frozen=True)
class ZonedTimestamp(Type):
    """An instant with the zone in which it is read; held as a struct of the UTC time and the zone's name."""

    precision: int = 3

    @property
    def name(self) -> str:  # noqa: D102
        return f"timestamp({self.precision}) with time zone"

    @property
    def storage(self) -> str:  # noqa: D102
        return "STRUCT(t TIMESTAMP, z VARCHAR)"

    @property
    def info(self) -> ColumnInfo:  # noqa: D102
        return ColumnInfo("timestamp with time zone", 3, 0)


@dataclass(frozen=True)
class Time(Type):
    """A time of day with ``precision`` fraction digits."""

    precision: int = 3

    @property
    def name(self) -> str:  # noqa: D102
        return f"time({self.precision})"

    @property
    def storage(self) -> str:  # noqa: D102
        return "TIME"

    @property
    def info(self) -> ColumnInfo:  # noqa: D102
        return ColumnInfo("time", 3, 0)


@dataclass(frozen=True)
class Array(Type):
    """A list of values of one type."""

    element: Type

    @property
    def name(self) -> str:  # noqa: D102
        return f"array({self.element.name})"

    @property
    def storage(self) -> str:  # noqa: D102
        return f"{self.element.storage}[]"

    @property
    def info(self) -> ColumnInfo:  # noqa: D102
        return ColumnInfo("array", 0, 0)


@dataclass(frozen=True)
class Map(Type):
    """Values by key."""

    key: Type
    value: Type

    @property
    def name(self) -> str:  # noqa: D102
        return f"map({self.key.name}, {self.value.name})"

    @property
    def storage(self) -> str:  # noqa: D102
        return f"MAP({self.key.storage}, {self.value.storage})"

    @property
    def info(self) -> ColumnInfo:  # noqa: D102
        return ColumnInfo("map", 0, 0)


@dataclass(frozen=True)
class Row(Type):
    """Fields in order, perhaps without a name. ``keys`` name the struct's members: as in Hive, ``field<i>`` if none."""

    fields: tuple[tuple[str | None, Type], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """A name for each field, unique: a struct of DuckDB needs one."""
        found: list[str] = []
        for i, (name, _) in enumerate(self.fields):
            key = (name or f"field{i}").lower()
            found.append(key if key not in found else f"{key}_{i}")
        return tuple(found)

    @property
    def name(self) -> str:  # noqa: D102
        parts = (f"{_field_name(name)} {kind.name}" if name else kind.name for name, kind in self.fields)
        return f"row({', '.join(parts)})"

    @property
    def storage(self) -> str:  # noqa: D102
        parts = (f"{quoted(key)} {kind.storage}" for key, (_, kind) in zip(self.keys, self.fields, strict=True))
        return f"STRUCT({', '.join(parts)})"

    @property
    def info(self) -> ColumnInfo:  # noqa: D102
        return ColumnInfo("row", 0, 0)


def quoted(name: str) -> str:
    """The name as a quoted identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _field_name(name: str) -> str:
    return name if name.isidentifier() and name == name.lower() else quoted(name)


BOOLEAN, TINYINT, SMALLINT = Scalar("boolean"), Scalar("tinyint"), Scalar("smallint")
INTEGER, BIGINT, REAL, DOUBLE = Scalar("integer"), Scalar("bigint"), Scalar("real"), Scalar("double")
VARBINARY, DATE, JSON, UUID, UNKNOWN = (
    Scalar("varbinary"),
    Scalar("date"),
    Scalar("json"),
    Scalar("uuid"),
    Scalar("unknown"),
)
YEAR_MONTH, DAY_SECOND = Scalar("interval year to month"), Scalar("interval day to second")
VARCHAR, TIMESTAMP, ZONED = Varchar(), Timestamp(3), ZonedTimestamp(3)

INTEGERS = (TINYINT, SMALLINT, INTEGER, BIGINT)
INTEGER_DIGITS = {TINYINT: 3, SMALLINT: 5, INTEGER: 10, BIGINT: 19}


def is_integer(kind: Type) -> bool:
    """Whether values are whole numbers of a fixed width."""
    return kind in INTEGERS


def is_numeric(kind: Type) -> bool:
    """Whether arithmetic is defined."""
    return is_integer(kind) or kind in (REAL, DOUBLE) or isinstance(kind, Decimal)


def is_orderable(kind: Type) -> bool:
    """Whether one value comes before another: not of maps, JSON, nor of what holds them."""
    if isinstance(kind, Array):
        return is_orderable(kind.element)
    if isinstance(kind, Row):
        return all(is_orderable(part) for _, part in kind.fields)
    return not isinstance(kind, Map) and kind != JSON


def is_text(kind: Type) -> bool:
    """Whether values are characters."""
    return isinstance(kind, Varchar | Char)


def decimal(precision: int, scale: int) -> Decimal:
    """A decimal type whose precision is cut at 38, as Trino's arithmetic does."""
    return Decimal(min(precision, MAX_PRECISION), scale)
