"""Functions that take lambdas. Source: https://trino.io/docs/current/functions/lambda.html

A lambda's body is analysed with its parameters standing for SQL, so that one lambda of DuckDB can serve several of
Trino's parameters.
"""

from __future__ import annotations

from lab.local.athena import types as t
from lab.local.athena.functions.signature import Call, Table, scalar

TABLE: Table = {}


def _element(call: Call, index: int = 0) -> t.Type:
    kind = call[index].type
    return kind.element if isinstance(kind, t.Array) else t.UNKNOWN


def _body(call: Call, index: int, name: str) -> str:
    return call.function(index).apply(call.value(name, _element(call))).sql


def _transform(call: Call) -> str:
    name = call.fresh()
    found = call.function(1).apply(call.value(name, _element(call)))
    sql = f"CAST(NULL AS {found.type.storage})" if found.type == t.UNKNOWN else found.sql
    return f"list_transform({call[0].sql}, lambda {name}: {sql})"


def _filter(call: Call) -> str:
    name = call.fresh()
    return f"list_filter({call[0].sql}, lambda {name}: {_body(call, 1, name)})"


def _match(wanted: str) -> object:
    """Three-valued: a known answer wins, else NULL if any is unknown."""

    def emit(call: Call) -> str:
        name = call.fresh()
        results = f"list_transform({call[0].sql}, lambda {name}: {_body(call, 1, name)})"
        known, decided, otherwise = wanted.split()
        some, unknown = f"list_contains({results}, {known})", f"list_count({results}) < len({results})"
        rules = f"WHEN {some} THEN {decided} WHEN {unknown} THEN NULL ELSE {otherwise}"
        return f"CASE WHEN {call[0].sql} IS NULL THEN NULL {rules} END"

    return emit


def _reduce(call: Call) -> str:
    items, initial, a, b, c = call[0].sql, call[1], call.fresh(), call.fresh(), call.fresh()
    state, element = initial.type, _element(call)
    step = call.function(2).apply(call.value(f"{a}.s", state), call.value(f"{b}.x", element))
    empty_x, empty_s = f"CAST(NULL AS {element.storage})", f"CAST(NULL AS {state.storage})"
    wrapped = f"list_transform({items}, lambda {c}: {{'s': {empty_s}, 'x': {c}}})"
    start = f"{{'s': CAST({initial.sql} AS {state.storage}), 'x': {empty_x}}}"
    moved = f"{{'s': CAST({step.sql} AS {state.storage}), 'x': {empty_x}}}"
    final = f"list_reduce({wrapped}, lambda {a}, {b}: {moved}, {start})"
    name = call.fresh()
    output = call.function(3).apply(call.value(f"{name}.s", state))
    return f"CASE WHEN {items} IS NOT NULL THEN list_transform([{final}], lambda {name}: {output.sql})[1] END"


def _sort(call: Call) -> str:
    """By rank: how many elements the comparator puts before each; equal ones keep their order."""
    items, a, i, b, c = call[0].sql, call.fresh(), call.fresh(), call.fresh(), call.fresh()
    element = _element(call)
    before = call.function(1).apply(call.value(b, element), call.value(a, element)).sql
    rank = f"len(list_filter({items}, lambda {b}: {before} < 0))"
    ranked = f"list_transform({items}, lambda {a}, {i}: {{'r': {rank}, 'i': {i}, 'v': {a}}})"
    return f"list_transform(list_sort({ranked}), lambda {c}: {c}.v)"


def _zip_with(call: Call) -> str:
    left, right, name = call[0].sql, call[1].sql, call.fresh()
    body = call.function(2).apply(
        call.value(f"({left})[{name}]", _element(call)), call.value(f"({right})[{name}]", _element(call, 1))
    )
    longest = f"greatest(len({left}), len({right}))"
    found = f"list_transform(generate_series(1, {longest}), lambda {name}: {body.sql})"
    return f"CASE WHEN {left} IS NOT NULL AND {right} IS NOT NULL THEN {found} END"


def _entry(call: Call, name: str) -> tuple[object, ...]:
    kind = call[0].type
    assert isinstance(kind, t.Map)  # noqa: S101 - by the signature
    return call.value(f"{name}.key", kind.key), call.value(f"{name}.value", kind.value)


def _map_filter(call: Call) -> str:
    name = call.fresh()
    body = call.function(1).apply(*_entry(call, name))  # type: ignore[arg-type]
    return f"map_from_entries(list_filter(map_entries({call[0].sql}), lambda {name}: {body.sql}))"


def _transform_keys(call: Call) -> str:
    name = call.fresh()
    body = call.function(1).apply(*_entry(call, name))  # type: ignore[arg-type]
    entry = f"{{'k': {body.sql}, 'v': {name}.value}}"
    return f"map_from_entries(list_transform(map_entries({call[0].sql}), lambda {name}: {entry}))"


def _transform_values(call: Call) -> str:
    name = call.fresh()
    body = call.function(1).apply(*_entry(call, name))  # type: ignore[arg-type]
    entry = f"{{'k': {name}.key, 'v': {body.sql}}}"
    return f"map_from_entries(list_transform(map_entries({call[0].sql}), lambda {name}: {entry}))"


def _map_zip_with(call: Call) -> str:
    left, right, name = call[0], call[1], call.fresh()
    assert isinstance(left.type, t.Map) and isinstance(right.type, t.Map)  # noqa: S101, PT018
    other = call.fresh()
    more = f"list_filter(map_keys({right.sql}), lambda {other}: NOT list_contains(map_keys({left.sql}), {other}))"
    keys = f"list_concat(map_keys({left.sql}), {more})"
    a = call.value(f"map_values({left.sql})[list_position(map_keys({left.sql}), {name})]", left.type.value)
    b = call.value(f"map_values({right.sql})[list_position(map_keys({right.sql}), {name})]", right.type.value)
    body = call.function(2).apply(call.value(name, left.type.key), a, b)
    return (
        f"CASE WHEN {left.sql} IS NOT NULL AND {right.sql} IS NOT NULL "
        f"THEN map_from_entries(list_transform({keys}, lambda {name}: {{'k': {name}, 'v': {body.sql}}})) END"
    )


scalar(
    TABLE,
    ("transform(array(T), lambda(T, U)) -> array(U)", _transform),
    ("filter(array(T), lambda(T, boolean)) -> array(T)", _filter),
    ("all_match(array(T), lambda(T, boolean)) -> boolean", _match("false false true")),  # type: ignore[arg-type]
    ("any_match(array(T), lambda(T, boolean)) -> boolean", _match("true true false")),  # type: ignore[arg-type]
    ("none_match(array(T), lambda(T, boolean)) -> boolean", _match("true false true")),  # type: ignore[arg-type]
    ("reduce(array(T), R, lambda(R, T, R), lambda(R, U)) -> U", _reduce),
    ("array_sort(array(T), lambda(T, T, integer)) -> array(T)", _sort),
    ("zip_with(array(T), array(U), lambda(T, U, R)) -> array(R)", _zip_with),
    ("map_filter(map(K, V), lambda(K, V, boolean)) -> map(K, V)", _map_filter),
    ("transform_keys(map(K, V), lambda(K, V, U)) -> map(U, V)", _transform_keys),
    ("transform_values(map(K, V), lambda(K, V, U)) -> map(K, U)", _transform_values),
    ("map_zip_with(map(K, V), map(K, W), lambda(K, V, W, R)) -> map(K, R)", _map_zip_with),
)
