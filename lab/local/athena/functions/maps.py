"""Map functions without lambdas. Source: https://trino.io/docs/current/functions/map.html"""

from __future__ import annotations

from lab.local.athena.expr import failing
from lab.local.athena.functions.signature import Call, Table, scalar
from lab.local.athena.special import map_value

TABLE: Table = {}


def _from_arrays(call: Call) -> str:
    keys, values = call.sqls()
    lengths = failing(
        "INVALID_FUNCTION_ARGUMENT", "'Key and value arrays must be the same length'", call.result.storage
    )
    return (
        f"CASE WHEN {keys} IS NULL OR {values} IS NULL THEN NULL WHEN len({keys}) <> len({values}) THEN {lengths} "
        f"WHEN {_unique(keys)} THEN map({keys}, {values}) ELSE {_duplicate(call)} END"
    )


def _unique(keys: str) -> str:
    return f"len(list_distinct({keys})) = len({keys})"


def _duplicate(call: Call) -> str:
    return failing("INVALID_FUNCTION_ARGUMENT", "'Duplicate map keys are not allowed'", call.result.storage)


def _from_entries(call: Call) -> str:
    entries, name = call[0].sql, call.fresh()
    keys = f"list_transform({entries}, lambda {name}: {name}.field0)"
    pairs = f"list_transform({entries}, lambda {name}: {{'k': {name}.field0, 'v': {name}.field1}})"
    made = f"WHEN {_unique(keys)} THEN map_from_entries({pairs}) ELSE {_duplicate(call)}"
    return f"CASE WHEN {entries} IS NULL THEN NULL {made} END"


def _multimap(call: Call) -> str:
    entries, a, b, c = call[0].sql, call.fresh(), call.fresh(), call.fresh()
    keys = f"list_distinct(list_transform({entries}, lambda {a}: {a}.field0))"
    values = f"list_transform(list_filter({entries}, lambda {b}: {b}.field0 = {a}), lambda {c}: {c}.field1)"
    return f"CASE WHEN {entries} IS NOT NULL THEN map({keys}, list_transform({keys}, lambda {a}: {values})) END"


def _concat(call: Call) -> str:
    test = " AND ".join(f"{item} IS NOT NULL" for item in call.sqls())
    return f"CASE WHEN {test} THEN map_concat({', '.join(call.sqls())}) END"


def _entries(call: Call) -> str:
    name = call.fresh()
    return (
        f"list_transform(map_entries({call[0].sql}), lambda {name}: {{'field0': {name}.key, 'field1': {name}.value}})"
    )


def _element_at(call: Call) -> str:
    return map_value(call[0], call[1], strict=False, position=call.position)


scalar(
    TABLE,
    ("map() -> map(unknown, unknown)", "CAST(map([], []) AS {r})"),
    ("map(array(K), array(V)) -> map(K, V)", _from_arrays),
    ("map_from_entries(array(row(K, V))) -> map(K, V)", _from_entries),
    ("multimap_from_entries(array(row(K, V))) -> map(K, array(V))", _multimap),
    ("map_entries(map(K, V)) -> array(row(K, V))", _entries),
    ("map_concat(map(K, V), map(K, V)…) -> map(K, V)", _concat),
    ("map_keys(map(K, V)) -> array(K)", "map_keys({0})"),
    ("map_values(map(K, V)) -> array(V)", "map_values({0})"),
    ("cardinality(map(K, V)) -> bigint", "CAST(cardinality({0}) AS BIGINT)"),
    ("element_at(map(K, V), K) -> V", _element_at),
)
