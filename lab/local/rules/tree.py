"""The syntax tree of rule SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Literal:
    """A constant."""

    value: Any


@dataclass(frozen=True)
class Star:
    """The whole message, ``*``."""


@dataclass(frozen=True)
class Attribute:
    """A member of the message."""

    name: str


@dataclass(frozen=True)
class Member:
    """A member of an object, ``base.name``."""

    base: Node
    name: str


@dataclass(frozen=True)
class Element:
    """An element of an array, ``base[index]``."""

    base: Node
    index: Node


@dataclass(frozen=True)
class Call:
    """A function's result."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Unary:
    """``NOT`` or ``-`` of an operand."""

    operator: str
    operand: Node


@dataclass(frozen=True)
class Binary:
    """Two operands joined by an operator."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Contains:
    """``value IN choices``."""

    value: Node
    choices: Node


@dataclass(frozen=True)
class Case:
    """``CASE value WHEN … THEN … ELSE … END``."""

    value: Node
    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node | None


@dataclass(frozen=True)
class Array:
    """``[…]``."""

    elements: tuple[Node, ...]


@dataclass(frozen=True)
class Object:
    """``{'name': …}``."""

    members: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Subquery:
    """A query over the elements of an array, ``(SELECT … FROM array WHERE …)``."""

    items: tuple[Item, ...]
    as_value: bool
    source: Node
    condition: Node | None


Node = (
    Literal | Star | Attribute | Member | Element | Call | Unary | Binary | Contains | Case | Array | Object | Subquery
)


@dataclass(frozen=True)
class Item:
    """One entry of a SELECT list. name: the path it is put at; empty when its members join the result."""

    node: Node
    name: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """A rule's SQL. topic_filter: None when the statement has no FROM (Basic Ingest only)."""

    items: tuple[Item, ...]
    as_value: bool
    topic_filter: str | None
    condition: Node | None
