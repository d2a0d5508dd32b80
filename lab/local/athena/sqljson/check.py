"""What is wrong with a path whatever the data: unknown parameters, ``last`` and ``@`` out of place, operand types.

Source: JsonPathAnalyzer of https://github.com/trinodb/trino/tree/master/core/trino-main/src/main/java/io/trino/sql/analyzer
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from lab.local.athena import types as t
from lab.local.athena.sqljson import syntax
from lab.local.athena.sqljson.items import Scalar
from lab.local.athena.types import Type


class InvalidPath(Exception):  # noqa: N818 - Trino's name for it
    """The path cannot be right."""


@dataclass(frozen=True)
class _Around:
    """What stands around a part of the path."""

    subscript: bool = False
    filter: bool = False


def check(path: syntax.Path, names: Collection[str]) -> None:
    """Look through a path that is given parameters of these names. Raises InvalidPath."""
    _walk(path, names, _Around())


def _walk(node: Any, names: Collection[str], around: _Around) -> None:
    if isinstance(node, syntax.Named) and node.name not in names:
        like = any(name.lower() == node.name.lower() for name in names)
        hint = f'. Try quoting "{node.name}" in the PASSING clause to match case' if like else ""
        raise InvalidPath(f"no value passed for parameter {node.name}{hint}")
    if isinstance(node, syntax.Last) and not around.subscript:
        raise InvalidPath("accessing the last array index with no enclosing array")
    if isinstance(node, syntax.Current) and not around.filter:
        raise InvalidPath("accessing current filter item with no enclosing filter")
    for name, part in _parts(node):
        inside = _Around(around.subscript or name == "subscripts", around.filter or name == "predicate")
        _walk(part, names, inside)
    _operands(node)


def _parts(node: Any) -> list[tuple[str, Any]]:
    if not is_dataclass(node) or isinstance(node, Scalar):
        return []
    found: list[tuple[str, Any]] = []
    for field in fields(node):
        value = getattr(node, field.name)
        many = [part for pair in value for part in pair] if isinstance(value, tuple) else [value]
        found += [(field.name, part) for part in many]
    return found


def _operands(node: Any) -> None:
    if isinstance(node, syntax.Arithmetic):
        kinds = [_static(node.left), _static(node.right)]
        if None not in kinds and not all(t.is_numeric(kind) for kind in kinds if kind):
            shown = " and ".join(kind.name for kind in kinds if kind)
            raise InvalidPath(f"invalid operand types ({shown}) in JSON path arithmetic binary expression")
    elif isinstance(node, syntax.Signed):
        kind = _static(node.base)
        if kind and not t.is_numeric(kind):
            raise InvalidPath(f"Invalid operand type ({kind.name}) in JSON path arithmetic unary expression")
    elif isinstance(node, syntax.Method) and node.name in ("abs", "ceiling", "floor", "double"):
        kind = _static(node.base)
        if kind and not (t.is_numeric(kind) or (node.name == "double" and t.is_text(kind))):
            raise InvalidPath(f"cannot perform JSON path {node.name}() method with {kind.name} argument")


def _static(node: syntax.Path) -> Type | None:
    """The type of a path's items, where it does not depend on the data."""
    if isinstance(node, syntax.Literal) and isinstance(node.item, Scalar):
        return node.item.kind
    if isinstance(node, syntax.Last):
        return t.INTEGER
    if isinstance(node, syntax.Signed | syntax.Filter):
        return _static(node.base)
    if isinstance(node, syntax.Arithmetic):
        both = _static(node.left), _static(node.right)
        return t.DOUBLE if None not in both else None
    if isinstance(node, syntax.Method):
        named: dict[str, Type] = {"type": t.VARCHAR, "size": t.INTEGER, "double": t.DOUBLE}
        return named.get(node.name) or (_static(node.base) if node.name != "keyvalue" else None)
    return None
