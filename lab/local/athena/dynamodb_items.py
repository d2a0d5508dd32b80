"""Items of DynamoDB as an Arrow table whose columns have the types that the catalog says."""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from lab.local.athena import types as t
from lab.local.athena.catalog import Column
from lab.local.athena.dynamodb import bad_value

if TYPE_CHECKING:
    import pyarrow as pa

_DIGITS: Final = decimal.Context(prec=60)


def arrow_table(
    items: Iterable[Mapping[str, Any]], columns: Sequence[Column], attributes: Mapping[str, str]
) -> pa.Table:
    """The items as a table. Parameters: attributes, the attribute of each column.

    Raises: QueryError when a value is not of its column's type.
    """
    import pyarrow as pa  # only queries of DynamoDB need it

    rows = list(items)
    names = ["$item", *(column.name for column in columns)]  # a table without columns would lose its rows
    arrays = [pa.array([True] * len(rows), pa.bool_())]
    for column in columns:
        attribute = attributes[column.name]
        values = [_value(row.get(attribute), column.type, column.name) for row in rows]
        arrays.append(pa.array(values, arrow_type(column.type)))
    return pa.Table.from_arrays(arrays, names=names)


def arrow_type(kind: t.Type) -> pa.DataType:
    """The Arrow type of the values that ``_value`` makes."""
    import pyarrow as pa

    if isinstance(kind, t.Decimal):
        return pa.decimal128(kind.precision, kind.scale)
    if isinstance(kind, t.Array):
        return pa.list_(arrow_type(kind.element))
    if isinstance(kind, t.Map):
        return pa.map_(arrow_type(kind.key), arrow_type(kind.value))
    if isinstance(kind, t.Row):
        return pa.struct([(key, arrow_type(part)) for key, (_, part) in zip(kind.keys, kind.fields, strict=True)])
    scalars: dict[t.Type, pa.DataType] = {
        t.BOOLEAN: pa.bool_(),
        t.TINYINT: pa.int8(),
        t.SMALLINT: pa.int16(),
        t.INTEGER: pa.int32(),
        t.BIGINT: pa.int64(),
        t.REAL: pa.float32(),
        t.DOUBLE: pa.float64(),
        t.VARBINARY: pa.binary(),
    }
    return scalars.get(kind, pa.string())


def _value(value: Mapping[str, Any] | None, kind: t.Type, column: str) -> Any:
    if value is None or "NULL" in value:
        return None
    ((tag, content),) = value.items()
    if isinstance(kind, t.Array) and tag in ("L", "SS", "NS", "BS"):
        parts = content if tag == "L" else [{tag[0]: part} for part in content]
        return [_value(part, kind.element, column) for part in parts]
    if tag == "M" and isinstance(kind, t.Map):
        return [(key, _value(part, kind.value, column)) for key, part in content.items()]
    if tag == "M" and isinstance(kind, t.Row):
        folded = {key.lower(): part for key, part in content.items()}
        fields = zip(kind.keys, kind.fields, strict=True)
        return {key: _value(folded.get(key), part, column) for key, (_, part) in fields}
    if tag == "N":
        return _number(value, kind, column)
    fits = {"S": t.is_text(kind) or kind == t.JSON, "BOOL": kind == t.BOOLEAN, "B": kind == t.VARBINARY}
    if not fits.get(tag, False):
        raise bad_value(column, kind, value)
    return content


def _number(value: Mapping[str, Any], kind: t.Type, column: str) -> Any:
    number = decimal.Decimal(value["N"])
    if isinstance(kind, t.Decimal):
        rounded = number.quantize(decimal.Decimal(1).scaleb(-kind.scale), decimal.ROUND_HALF_UP, _DIGITS)
        if len(rounded.as_tuple().digits) > kind.precision:
            raise bad_value(column, kind, value)
        return rounded
    if kind in (t.DOUBLE, t.REAL):
        return float(number)
    if t.is_integer(kind):
        return int(number)
    if t.is_text(kind):
        return value["N"]
    raise bad_value(column, kind, value)
