"""A value of a query as a column of a table takes it."""

from __future__ import annotations

from lab.local.athena import types as t
from lab.local.athena.coerce import can_coerce, coerce
from lab.local.athena.expr import Expr, failing, text


def fits(source: t.Type, target: t.Type) -> bool:
    """Whether INSERT takes a value: one that widens, or a text that may prove short enough for a bounded column."""
    return can_coerce(source, target) or (t.is_text(source) and t.is_text(target))


def stored(value: Expr, target: t.Type) -> Expr:
    """The same value as ``target``. The caller has made sure that it fits."""
    if value.type == target:
        return value
    if can_coerce(value.type, target):
        return coerce(value, target)
    length = target.length if isinstance(target, t.Varchar | t.Char) else None
    if length is None:
        return value.emit(value.sql, target)
    message = text(f"Cannot truncate non-space characters when casting from {value.type} to {target} on INSERT")
    cut = (
        f"CASE WHEN length(rtrim({value.sql})) > {length} THEN {failing('INVALID_CAST_ARGUMENT', message, 'VARCHAR')} "
    )
    return value.emit(f"{cut}ELSE left({value.sql}, {length}) END", target)
