"""Partition projection: partitions computed from table properties instead of being looked up.

Source: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.glue_catalog import GlueTable

LIMIT: Final = 100_000
_NOW: Final = re.compile(
    r"^NOW\s*(?:([+-])\s*(\d+)\s*(YEARS?|MONTHS?|WEEKS?|DAYS?|HOURS?|MINUTES?|SECONDS?)\s*)?$", re.I
)
_JAVA: Final = re.compile(r"'((?:[^']|'')*)'|(yyyy|MM|dd|HH|mm|ss)|([A-Za-z]+)|([^A-Za-z']+)")
_STRPTIME: Final = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_UNITS: Final = ("SECONDS", "MINUTES", "HOURS", "DAYS", "WEEKS", "MONTHS", "YEARS")


def enabled(table: GlueTable) -> bool:
    """Whether the table's partitions are projected; then those in the catalog are ignored."""
    return table.parameters.get("projection.enabled", "").lower() == "true"


def partitions(table: GlueTable, wanted: Mapping[str, frozenset[Any]]) -> list[tuple[tuple[str, ...], str]]:
    """Values and location of each projected partition.

    Parameters: wanted, by column the only values that the query accepts, where it names them.
    Raises: QueryError when the configuration is wrong, an injected column has no value, or there are too many.
    """
    names = [column.name for column in table.partition_columns]
    candidates = [_values(table, name, wanted.get(name)) for name in names]
    template = table.parameters.get("storage.location.template")
    found: list[tuple[tuple[str, ...], str]] = []
    for values in itertools.product(*candidates):
        if len(found) >= LIMIT:
            raise _too_many(table)
        found.append((values, _location(table, template, names, values)))
    return found


def _location(table: GlueTable, template: str | None, names: list[str], values: tuple[str, ...]) -> str:
    if template is None:
        path = "/".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
        return f"{table.location.rstrip('/')}/{path}/"
    for name, value in zip(names, values, strict=True):
        if f"${{{name}}}" not in template:
            raise _wrong(table, f"storage.location.template must contain ${{{name}}}")
        template = template.replace(f"${{{name}}}", value)
    return template


def _values(table: GlueTable, name: str, wanted: frozenset[Any] | None) -> list[str]:
    kind = table.parameters.get(f"projection.{name}.type", "").lower()
    if kind == "injected":
        if wanted is None:
            raise QueryError(
                "CONSTRAINT_VIOLATION",
                f"For the injected projected partition column {name}, the WHERE clause must contain only static "
                "equality conditions, and at least one such condition must be present.",
            )
        return sorted(str(value) for value in wanted)
    if kind not in _KINDS:
        raise _wrong(table, f"projection.{name}.type is {kind!r}; it can be enum, integer, date or injected")
    found = list(itertools.islice(_KINDS[kind](table, name), LIMIT + 1))
    if len(found) > LIMIT:
        raise _too_many(table)
    return found


def _enum(table: GlueTable, name: str) -> Iterable[str]:
    return [value.strip() for value in _setting(table, name, "values").split(",")]


def _integer(table: GlueTable, name: str) -> Iterable[str]:
    try:
        low, high = (int(text) for text in _setting(table, name, "range").split(","))
        step, digits = int(_setting(table, name, "interval", "1")), int(_setting(table, name, "digits", "0"))
    except ValueError as error:
        raise _wrong(table, f"projection.{name}: {error}") from error
    if step < 1:
        raise _wrong(table, f"projection.{name}.interval must be at least 1")
    return (str(number).zfill(digits) for number in range(low, high + 1, step))


def _date(table: GlueTable, name: str) -> Iterable[str]:
    java = _setting(table, name, "format")
    pattern = _strptime(java)
    try:
        low, high = (_moment(text.strip(), pattern) for text in _setting(table, name, "range").split(","))
        step = int(_setting(table, name, "interval", "1"))
    except ValueError as error:
        raise _wrong(table, f"projection.{name}: {error}") from error
    default = "DAYS" if "dd" in java and "HH" not in java else "MONTHS" if "MM" in java and "dd" not in java else ""
    unit = _setting(table, name, "interval.unit", default).upper()
    unit = unit if unit.endswith("S") else f"{unit}S"
    if unit not in _UNITS or step < 1:
        raise _wrong(table, f"projection.{name}.interval and interval.unit are needed for the format {java}")
    return _dates(low, high, step, unit, pattern)


def _dates(low: dt.datetime, high: dt.datetime, step: int, unit: str, pattern: str) -> Iterator[str]:
    last = None
    for count in itertools.count():
        moment = _shift(low, count * step, unit)
        if moment > high:
            return
        text = moment.strftime(pattern)
        if text != last:
            yield text
        last = text


def _moment(text: str, pattern: str) -> dt.datetime:
    match = _NOW.match(text)
    if match is None:
        return dt.datetime.strptime(text, pattern)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    if not match[1]:
        return now
    unit = match[3].upper()
    return _shift(now, int(match[1] + match[2]), unit if unit.endswith("S") else f"{unit}S")


def _shift(moment: dt.datetime, count: int, unit: str) -> dt.datetime:
    if unit in ("MONTHS", "YEARS"):
        months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "YEARS" else 1)
        year, month = divmod(months, 12)
        first = moment.replace(year=year, month=month + 1, day=1)
        following = dt.datetime(year + (month == 11), (month + 1) % 12 + 1, 1)
        return first.replace(day=min(moment.day, (following - dt.timedelta(days=1)).day))
    return moment + dt.timedelta(**{unit.lower(): count})


def _strptime(java: str) -> str:
    """Java's date pattern as Python's. Raises: QueryError for letters that are not translated."""
    parts = []
    for quoted, letters, other, plain in _JAVA.findall(java):
        if other:
            raise not_supported(f"The letters {other} in the projection format {java}")
        parts.append(_STRPTIME.get(letters) or (quoted or plain).replace("%", "%%"))
    return "".join(parts)


def _setting(table: GlueTable, column: str, name: str, default: str | None = None) -> str:
    value = table.parameters.get(f"projection.{column}.{name}", default)
    if value is None:
        raise _wrong(table, f"projection.{column}.{name} is missing")
    return value


def _too_many(table: GlueTable) -> QueryError:
    return QueryError(
        "HIVE_EXCEEDED_PARTITION_LIMIT", f"Query over table '{table.name}' projects over {LIMIT} partitions"
    )


def _wrong(table: GlueTable, message: str) -> QueryError:
    name = f"{table.database}.{table.name}"
    return QueryError("INVALID_TABLE_PROPERTY", f"Table {name} is configured for partition projection, but {message}")


_KINDS: Final[dict[str, Callable[[GlueTable, str], Iterable[str]]]] = {
    "enum": _enum,
    "integer": _integer,
    "date": _date,
}
