"""From syntax trees to Python functions: a rule is compiled once and run for every message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.local.rules import operators, tree
from lab.local.rules.functions import function
from lab.local.rules.functions_text import check_pattern
from lab.local.rules.functions_value import check_scheme
from lab.local.rules.message import Message
from lab.local.rules.values import UNDEFINED, to_boolean, to_number

Evaluate = Callable[[Message, Any], Any]
"""Takes the message and the document whose attributes are meant; returns a value or Undefined."""


def compiled(node: tree.Node) -> Evaluate:
    """Return the function that evaluates an expression.

    Raises: SqlError for a function that is unknown or not served.
    """
    compile_node: Callable[[Any], Evaluate] = _COMPILERS[type(node)]
    return compile_node(node)


def projection(items: tuple[tree.Item, ...], as_value: bool) -> Evaluate:
    """Return the function that makes a SELECT list's result.

    A list of ``*`` alone gives the message as it is, also when that is no object.
    """
    if as_value or (len(items) == 1 and not items[0].name):
        return compiled(items[0].node)
    entries = [(item.name, compiled(item.node)) for item in items]

    def project(message: Message, document: Any) -> Any:
        result: dict[str, Any] = {}
        for name, evaluate in entries:
            value = evaluate(message, document)
            if not name:
                if isinstance(value, dict):
                    result.update(value)
            elif value is not UNDEFINED:
                _put(result, name, value)
        return result

    return project


def _put(result: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Put a value at a path, making the objects on the way."""
    for name in path[:-1]:
        inner = result.get(name)
        result[name] = result = dict(inner) if isinstance(inner, dict) else {}
    result[path[-1]] = value


def _literal(node: tree.Literal) -> Evaluate:
    value = node.value
    return lambda _message, _document: value


def _star(_node: tree.Star) -> Evaluate:
    return lambda message, document: message.payload if document is UNDEFINED else document


def _attribute(node: tree.Attribute) -> Evaluate:
    name = node.name
    return lambda _message, document: document.get(name, UNDEFINED) if isinstance(document, dict) else UNDEFINED


def _member(node: tree.Member) -> Evaluate:
    base, name = compiled(node.base), node.name

    def member(message: Message, document: Any) -> Any:
        value = base(message, document)
        return value.get(name, UNDEFINED) if isinstance(value, dict) else UNDEFINED

    return member


def _element(node: tree.Element) -> Evaluate:
    base, index = compiled(node.base), compiled(node.index)
    get = function("get")
    return lambda message, document: get(message, base(message, document), index(message, document))


def _call(node: tree.Call) -> Evaluate:
    called = function(node.name)
    if len(node.arguments) > 1 and isinstance(node.arguments[1], tree.Literal):
        _check_constant(node.name, str(node.arguments[1].value))
    arguments = [
        _sent if node.name == "encode" and isinstance(argument, tree.Star) else compiled(argument)
        for argument in node.arguments
    ]
    if not arguments:
        return lambda message, _document: called(message)
    return lambda message, document: called(message, *[argument(message, document) for argument in arguments])


def _check_constant(name: str, second: str) -> None:
    """Refuse a second argument, written in the SQL, with which a function would never have a value."""
    if name.startswith("regexp_"):
        check_pattern(second)
    if name == "decode":
        check_scheme(second)


def _sent(message: Message, _document: Any) -> Any:
    """Return the payload byte by byte: ``encode(*, 'base64')`` is how binary messages are read."""
    return message.payload


def _unary(node: tree.Unary) -> Evaluate:
    operand = compiled(node.operand)
    if node.operator == "NOT":
        return lambda message, document: operators.negate(operand(message, document))

    def minus(message: Message, document: Any) -> Any:
        value = to_number(operand(message, document))
        return value if value is UNDEFINED else -value

    return minus


def _binary(node: tree.Binary) -> Evaluate:
    left, right, apply = compiled(node.left), compiled(node.right), operators.BINARY[node.operator]
    return lambda message, document: apply(left(message, document), right(message, document))


def _contains(node: tree.Contains) -> Evaluate:
    value, choices = compiled(node.value), compiled(node.choices)
    return lambda message, document: operators.contains(value(message, document), choices(message, document))


def _case(node: tree.Case) -> Evaluate:
    value = compiled(node.value)
    branches = [(compiled(choice), compiled(result)) for choice, result in node.branches]
    otherwise = compiled(node.otherwise) if node.otherwise is not None else None

    def case(message: Message, document: Any) -> Any:
        found = value(message, document)
        if found is UNDEFINED:
            return UNDEFINED
        for choice, result in branches:
            if operators.equal(found, choice(message, document)) is True:
                return result(message, document)
        return otherwise(message, document) if otherwise else UNDEFINED

    return case


def _array(node: tree.Array) -> Evaluate:
    elements = [compiled(element) for element in node.elements]

    def array(message: Message, document: Any) -> Any:
        values = [element(message, document) for element in elements]
        return [value for value in values if value is not UNDEFINED]

    return array


def _object(node: tree.Object) -> Evaluate:
    members = [(name, compiled(value)) for name, value in node.members]

    def make(message: Message, document: Any) -> Any:
        values = {name: value(message, document) for name, value in members}
        return {name: value for name, value in values.items() if value is not UNDEFINED}

    return make


def _subquery(node: tree.Subquery) -> Evaluate:
    source, project = compiled(node.source), projection(node.items, node.as_value)
    condition = compiled(node.condition) if node.condition is not None else None

    def query(message: Message, document: Any) -> Any:
        elements = source(message, document)
        if not isinstance(elements, list):
            return UNDEFINED
        chosen = [e for e in elements if condition is None or to_boolean(condition(message, e)) is True]
        results = [project(message, element) for element in chosen]
        return [result for result in results if result is not UNDEFINED]

    return query


_COMPILERS: dict[type, Callable[[Any], Evaluate]] = {
    tree.Literal: _literal,
    tree.Star: _star,
    tree.Attribute: _attribute,
    tree.Member: _member,
    tree.Element: _element,
    tree.Call: _call,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Contains: _contains,
    tree.Case: _case,
    tree.Array: _array,
    tree.Object: _object,
    tree.Subquery: _subquery,
}
