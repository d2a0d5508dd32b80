"""Evaluating a JSON path: from the input to a sequence of items, lax or strict.

Source: https://trino.io/docs/current/functions/json.html#json-path-language; for what the page leaves open,
PathEvaluationVisitor and PathPredicateEvaluationVisitor in core/trino-main of https://github.com/trinodb/trino.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from lab.local.athena import types as t
from lab.local.athena.sqljson import items, syntax
from lab.local.athena.sqljson.items import Item, PathError, Scalar


@dataclass(frozen=True)
class _Place:
    """What ``@`` and ``last`` stand for."""

    current: Item = None
    last: int = 0


class Evaluation:
    """One evaluation: an input and the passed values, each a sequence of no item or one."""

    def __init__(self, lax: bool, item: Item, parameters: Mapping[str, list[Item]]) -> None:
        self._lax = lax
        self._input = item
        self._parameters = parameters
        self._objects = 0

    def items(self, path: syntax.Path) -> list[Item]:
        """The items that the path leads to. Raises PathError."""
        return self._items(path, _Place())

    def _items(self, node: syntax.Path, place: _Place) -> list[Item]:
        return _PATHS[type(node)](self, node, place)

    def _unwrapped(self, node: syntax.Path, place: _Place) -> list[Item]:
        """The items; in lax mode the elements of those that are arrays."""
        found = self._items(node, place)
        if not self._lax:
            return found
        return [part for item in found for part in (item if isinstance(item, list) else [item])]

    def _constant(self, node: syntax.Path, place: _Place) -> list[Item]:
        if isinstance(node, syntax.Literal):
            return [node.item]
        if isinstance(node, syntax.Named):
            return self._parameters[node.name]
        if isinstance(node, syntax.Last):
            return [Scalar(t.INTEGER, place.last)]
        return [place.current if isinstance(node, syntax.Current) else self._input]

    def _signed(self, node: syntax.Signed, place: _Place) -> list[Item]:
        found = [items.number(item) for item in self._unwrapped(node.base, place)]
        return [items.negated(value) for value in found] if node.sign == "-" else list(found)

    def _arithmetic(self, node: syntax.Arithmetic, place: _Place) -> list[Item]:
        left, right = self._unwrapped(node.left, place), self._unwrapped(node.right, place)
        if len(left) != 1 or len(right) != 1:
            raise PathError("arithmetic binary expression requires singleton operands")
        return [items.arithmetic(node.sign, items.number(left[0]), items.number(right[0]))]

    def _member(self, node: syntax.Member, place: _Place) -> list[Item]:
        found: list[Item] = []
        for item in self._unwrapped(node.base, place):
            if isinstance(item, dict):
                if node.key is None:
                    found += item.values()
                elif node.key in item:
                    found.append(item[node.key])
                elif not self._lax:
                    raise PathError(f"structural error: missing member '{node.key}' in JSON object")
            elif not self._lax:
                raise items.wrong_type("OBJECT", item)
        return found

    def _descendants(self, node: syntax.Descendants, place: _Place) -> list[Item]:
        return [found for item in self._items(node.base, place) for found in _below(item, node.key)]

    def _elements(self, node: syntax.Elements, place: _Place) -> list[Item]:
        found: list[Item] = []
        for item in self._items(node.base, place):
            if not isinstance(item, list) and not self._lax:
                raise items.wrong_type("ARRAY", item)
            array = item if isinstance(item, list) else [item]
            if not node.subscripts:
                found += array
            elif array:
                inside = replace(place, last=len(array) - 1)
                for first, last in node.subscripts:
                    found += self._range(array, first, last, inside)
            elif not self._lax:
                raise PathError("structural error: invalid array subscript for empty array")
        return found

    def _range(self, array: list[Item], first: syntax.Path, last: syntax.Path | None, place: _Place) -> Sequence[Item]:
        start = self._index(first, place, "from")
        end = start if last is None else self._index(last, place, "to")
        if not self._lax and not 0 <= start <= end < len(array):
            shown = f"[{start}, {end}] for array of size {len(array)}"
            raise PathError(f"structural error: invalid array subscript: {shown}")
        return array[max(start, 0) : end + 1] if end >= 0 else []

    def _index(self, node: syntax.Path, place: _Place, which: str) -> int:
        found = self._items(node, place)
        if len(found) != 1:
            raise PathError(f"array subscript '{which}' value must be singleton numeric")
        return items.index(found[0])

    def _filter(self, node: syntax.Filter, place: _Place) -> list[Item]:
        found = self._unwrapped(node.base, place)
        return [item for item in found if self._test(node.predicate, replace(place, current=item)) is True]

    def _method(self, node: syntax.Method, place: _Place) -> list[Item]:
        if node.name == "type":
            return [Scalar(t.Varchar(27), items.type_of(item)) for item in self._items(node.base, place)]
        if node.name == "size":
            return [self._size(item) for item in self._items(node.base, place)]
        found = self._unwrapped(node.base, place)
        if node.name == "keyvalue":
            return [pair for item in found for pair in self._pairs(item)]
        return [_METHODS[node.name](item) for item in found]

    def _size(self, item: Item) -> Scalar:
        if not isinstance(item, list) and not self._lax:
            raise items.wrong_type("ARRAY", item)
        return Scalar(t.INTEGER, len(item) if isinstance(item, list) else 1)

    def _pairs(self, item: Item) -> list[Item]:
        if not isinstance(item, dict):
            raise items.wrong_type("OBJECT", item)
        self._objects += 1
        return [{"name": key, "value": value, "id": self._objects - 1} for key, value in item.items()]

    # Predicates: True, False, or None for unknown. They never fail.

    def _test(self, node: syntax.Predicate, place: _Place) -> bool | None:
        return _PREDICATES[type(node)](self, node, place)

    def _both(self, node: syntax.Both, place: _Place) -> bool | None:
        left = self._test(node.left, place)
        if left is False:
            return False
        right = self._test(node.right, place)
        return None if right is not False and None in (left, right) else right

    def _either(self, node: syntax.Either, place: _Place) -> bool | None:
        left = self._test(node.left, place)
        if left is True:
            return True
        right = self._test(node.right, place)
        return None if right is not True and None in (left, right) else right

    def _negation(self, node: syntax.Negation, place: _Place) -> bool | None:
        found = self._test(node.predicate, place)
        return None if found is None else not found

    def _unknown(self, node: syntax.IsUnknown, place: _Place) -> bool:
        return self._test(node.predicate, place) is None

    def _exists(self, node: syntax.Exists, place: _Place) -> bool | None:
        try:
            return bool(self._items(node.path, place))
        except PathError:
            return None

    def _starts(self, node: syntax.StartsWith, place: _Place) -> bool | None:
        try:
            texts = [items.text_of(item) for item in self._unwrapped(node.path, place)]
            prefixes = [items.text_of(item) for item in self._items(node.prefix, place)]
        except PathError:
            return None
        if len(prefixes) != 1 or prefixes[0] is None:
            return None
        prefix = prefixes[0]
        return self._any(None if text is None else text.startswith(prefix) for text in texts)

    def _comparison(self, node: syntax.Comparison, place: _Place) -> bool | None:
        try:
            left, right = self._unwrapped(node.left, place), self._unwrapped(node.right, place)
            if _structured(left) and any(item is not None for item in right):
                return None
            if _structured(right) and any(item is not None for item in left):
                return None
            if self._by_null(node.sign, left, right) and self._lax:
                return True
            pairs = [(items.scalar(a), items.scalar(b)) for a in left for b in right]
        except PathError:
            return None
        compared = self._any(items.compare(node.sign, a, b) for a, b in pairs if a is not None and b is not None)
        return None if compared is None else compared or self._by_null(node.sign, left, right)

    @staticmethod
    def _by_null(sign: str, left: list[Item], right: list[Item]) -> bool:
        """Whether a null alone makes the comparison true: it equals null and is unequal to everything else."""
        if sign == "==":
            return None in left and None in right
        others = [any(item is not None for item in side) for side in (left, right)]
        return sign in ("!=", "<>") and ((None in left and others[1]) or (None in right and others[0]))

    def _any(self, results: Iterator[bool | None]) -> bool | None:
        """Whether one is true; unknown at the first unknown one. Lax stops at the first true one."""
        found = False
        for result in results:
            if result is None:
                return None
            found = found or result
            if found and self._lax:
                return True
        return found


def _structured(found: list[Item]) -> bool:
    return any(isinstance(item, list | dict) for item in found)


def _below(item: Item, key: str) -> Iterator[Item]:
    if isinstance(item, dict) and key in item:
        yield item[key]
    parts = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    for part in parts:
        yield from _below(part, key)


def _absolute(item: Item) -> Scalar:
    found = items.number(item)
    return items.negated(found) if found.value < 0 else found


_METHODS: Final[Mapping[str, Callable[[Item], Scalar]]] = {
    "double": items.as_double,
    "abs": _absolute,
    "ceiling": lambda item: items.rounded(items.number(item), math.ceil),
    "floor": lambda item: items.rounded(items.number(item), math.floor),
}
_PATHS: Final[Mapping[type, Callable[..., list[Item]]]] = {
    **dict.fromkeys(
        (syntax.Literal, syntax.Named, syntax.Last, syntax.Current, syntax.Context),
        Evaluation._constant,
    ),
    syntax.Signed: Evaluation._signed,
    syntax.Arithmetic: Evaluation._arithmetic,
    syntax.Member: Evaluation._member,
    syntax.Descendants: Evaluation._descendants,
    syntax.Elements: Evaluation._elements,
    syntax.Filter: Evaluation._filter,
    syntax.Method: Evaluation._method,
}
_PREDICATES: Final[Mapping[type, Callable[..., Any]]] = {
    syntax.Comparison: Evaluation._comparison,
    syntax.Both: Evaluation._both,
    syntax.Either: Evaluation._either,
    syntax.Negation: Evaluation._negation,
    syntax.Exists: Evaluation._exists,
    syntax.StartsWith: Evaluation._starts,
    syntax.IsUnknown: Evaluation._unknown,
}
