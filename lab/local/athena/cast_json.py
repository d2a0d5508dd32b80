"""CAST to and from JSON. JSON is held as compact text.

Source: https://trino.io/docs/current/functions/json.html#cast-to-json and #cast-from-json
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from itertools import count
from typing import Any

from lab.local.athena import java_text, render, udf
from lab.local.athena import types as t
from lab.local.athena.errors import Position, QueryError
from lab.local.athena.expr import Expr, text
from lab.local.athena.types import Type

_LAMBDA_NAMES = count()


def to_json(value: Expr) -> str:  # noqa: PLR0911 - a return for each kind of type
    """SQL of the JSON text of a value; NULL stays NULL. Raises QueryError TYPE_MISMATCH for types without one."""
    kind, sql = value.type, value.sql
    if kind == t.JSON:
        return sql
    if isinstance(kind, t.Decimal):
        return render.decimal(sql, kind)
    if kind == t.BOOLEAN or t.is_integer(kind):
        return f"CAST({sql} AS VARCHAR)"
    if kind == t.REAL:
        return udf.call(java_text.json_float, "VARCHAR", (sql, "FLOAT"))
    if kind == t.DOUBLE:
        return udf.call(java_text.json_double, "VARCHAR", (sql, "DOUBLE"))
    if t.is_text(kind):
        return f"CAST(to_json({sql}) AS VARCHAR)"
    if kind == t.DATE or isinstance(kind, t.Timestamp | t.ZonedTimestamp):
        return f"('\"' || {render.as_varchar(value)} || '\"')"
    if kind == t.UNKNOWN:
        return "CAST(NULL AS VARCHAR)"
    return _nested(value)


def _nested(value: Expr) -> str:
    kind, sql, name = value.type, value.sql, f"j{next(_LAMBDA_NAMES)}"
    if isinstance(kind, t.Array):
        item = _or_null(value.emit(name, kind.element))
        return f"('[' || array_to_string(list_transform({sql}, lambda {name}: {item}), ',') || ']')"
    if isinstance(kind, t.Map):
        key = f"CAST(to_json({render.as_varchar(value.emit(f'{name}.key', kind.key))}) AS VARCHAR)"
        item = _or_null(value.emit(f"{name}.value", kind.value))
        # Trino writes a map's keys in order.
        entries = f"list_sort(list_transform(map_entries({sql}), lambda {name}: {key} || ':' || {item}))"
        return f"('{{' || array_to_string({entries}, ',') || '}}')"
    if isinstance(kind, t.Row):
        members = [
            f"{text(json.dumps(name or '') + ':')} || {_or_null(value.emit(render.field_sql(sql, key), part))}"
            for key, (name, part) in zip(kind.keys, kind.fields, strict=True)
        ]
        joined = " || ',' || ".join(members)
        return f"CASE WHEN {sql} IS NOT NULL THEN '{{' || {joined} || '}}' END"
    raise QueryError("TYPE_MISMATCH", f"Cannot cast {kind.name} to json", value.position)


def _or_null(value: Expr) -> str:
    return f"coalesce({to_json(value)}, 'null')"


def from_json(sql: str, target: Type, position: Position | None) -> str:
    """SQL of a JSON text read as ``target``. Raises QueryError TYPE_MISMATCH for types that JSON cannot become."""
    _check(target, target, position)

    def json_cast(value: str) -> Any:
        try:
            return _convert(json.loads(value, parse_float=Decimal), target)
        except (ValueError, TypeError, OverflowError, InvalidOperation):
            message = f"TRINO:INVALID_CAST_ARGUMENT:Cannot cast to {target.name}. {value[:200]}:END"
            raise ValueError(message) from None

    return udf.call(json_cast, target.storage, (sql, "VARCHAR"), variant=target.name)


def _check(kind: Type, whole: Type, position: Position | None) -> None:
    if isinstance(kind, t.Array):
        _check(kind.element, whole, position)
    elif isinstance(kind, t.Map):
        _check(kind.key, whole, position)
        _check(kind.value, whole, position)
    elif isinstance(kind, t.Row):
        for _, part in kind.fields:
            _check(part, whole, position)
    elif not (kind in (t.BOOLEAN, t.JSON) or t.is_numeric(kind) or isinstance(kind, t.Varchar)):
        raise QueryError("TYPE_MISMATCH", f"Cannot cast json to {whole.name}", position)


def _convert(value: Any, kind: Type) -> Any:
    if kind == t.JSON:
        return dump(value)
    if value is None:
        return None
    if isinstance(kind, t.Array):
        return [_convert(item, kind.element) for item in _typed(value, list)]
    if isinstance(kind, t.Map):
        return {_convert(k, kind.key): _convert(v, kind.value) for k, v in _typed(value, dict).items()}
    if isinstance(kind, t.Row):
        return _row(value, kind)
    return _SCALARS[type(kind) if not isinstance(kind, t.Scalar) else kind](value, kind)


def _typed(value: Any, wanted: type) -> Any:
    if not isinstance(value, wanted):
        raise TypeError
    return value


def _row(value: Any, kind: t.Row) -> dict[str, Any]:
    if isinstance(value, list):  # by position
        if len(value) != len(kind.fields):
            raise ValueError
        values = value
    else:
        members = {key.lower(): item for key, item in _typed(value, dict).items()}
        values = [members.get(name or "") for name, _ in kind.fields]
    parts = zip(kind.keys, kind.fields, values, strict=True)
    return {key: _convert(item, part) for key, (_, part), item in parts}


def _text(value: Any, kind: Type) -> str:
    if isinstance(value, dict | list):
        raise TypeError
    plain = value if isinstance(value, str) else _scalar_text(value)
    length = getattr(kind, "length", None)
    if length is not None and len(plain) > length:
        raise ValueError
    return plain


def _scalar_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # As CAST(double AS varchar): JSON numbers with a fraction are doubles.
    return java_text.trino_double(float(value)) if isinstance(value, Decimal) else str(value)


def _integer(value: Any, kind: Type) -> int:
    if isinstance(value, str | bool):
        number = int(value)
    else:
        number = int(Decimal(_typed(value, int | Decimal)).to_integral_value(ROUND_HALF_UP))  # type: ignore[arg-type]
    bits = {t.TINYINT: 7, t.SMALLINT: 15, t.INTEGER: 31, t.BIGINT: 63}[kind]  # type: ignore[index]
    if not -(1 << bits) <= number < 1 << bits:
        raise OverflowError
    return number


def _float(value: Any, _: Type) -> float:
    return float(_typed(value, int | float | str | Decimal))  # type: ignore[arg-type]


def _boolean(value: Any, _: Type) -> bool:
    if isinstance(value, str):
        return {"true": True, "false": False}[value.lower()]
    return bool(_typed(value, int | Decimal))  # type: ignore[arg-type]


def _decimal(value: Any, kind: Type) -> Decimal:
    assert isinstance(kind, t.Decimal)  # noqa: S101 - by _SCALARS
    with localcontext() as context:
        context.prec = 2 * t.MAX_PRECISION
        found = Decimal(_typed(value, int | str | Decimal)).quantize(Decimal(1).scaleb(-kind.scale), ROUND_HALF_UP)  # type: ignore[arg-type]
    if abs(found) >= Decimal(10) ** (kind.precision - kind.scale):
        raise OverflowError
    return found


_SCALARS: dict[Any, Callable[[Any, Any], Any]] = {
    t.Varchar: _text,
    t.Decimal: _decimal,
    t.BOOLEAN: _boolean,
    t.REAL: _float,
    t.DOUBLE: _float,
    **dict.fromkeys(t.INTEGERS, _integer),
}


def dump(value: Any) -> str:
    """Compact JSON text; numbers with a fraction keep their digits, members are in order of their names."""
    if isinstance(value, dict):
        members = (f"{json.dumps(key, ensure_ascii=False)}:{dump(value[key])}" for key in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dump(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return java_text.json_double(float(value))
    return json.dumps(value, ensure_ascii=False)
