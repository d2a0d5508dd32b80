"""Array functions without lambdas. Source: https://trino.io/docs/current/functions/array.html"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations as _combinations
from typing import Any

from lab.local.athena import nested, udf
from lab.local.athena import types as t
from lab.local.athena.errors import not_supported
from lab.local.athena.expr import Expr, failing
from lab.local.athena.functions.signature import Call, Table, scalar
from lab.local.athena.operators import comparable, concatenate
from lab.local.athena.render import as_varchar

TABLE: Table = {}
MOST_ENTRIES = 10_000
MOST_REPEATS = 100_000
DAY_MILLIS = 86_400_000
_MANY = f"'result of sequence function must not have more than {MOST_ENTRIES} entries'"


def _both(sql: str) -> str:
    return f"CASE WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL THEN {sql} END"


def _concat(call: Call) -> str:
    first, *rest = call.sqls()
    found = first
    for sql in rest:
        found = f"list_concat({found}, {sql})"
    return f"CASE WHEN {' AND '.join(f'{sql} IS NOT NULL' for sql in call.sqls())} THEN {found} END"


def _with_element(call: Call) -> str:
    return concatenate(call[0], call[1], call.position).sql


def _slice(call: Call) -> str:
    items, start, length = call.sqls()
    zero = failing("INVALID_FUNCTION_ARGUMENT", "'SQL array indices start at 1'")
    short = failing("INVALID_FUNCTION_ARGUMENT", "'length must be greater than or equal to 0'")
    first = (
        f"CASE WHEN {start} = 0 THEN {zero} WHEN {length} < 0 THEN {short} "
        f"WHEN {start} < 0 THEN len({items}) + {start} + 1 ELSE {start} END"
    )
    part = f"({items})[{first} : {first} + {length} - 1]"
    return f"CASE WHEN {first} < 1 THEN CAST([] AS {call.result.storage}) ELSE {part} END"


def _element_at(call: Call) -> str:
    items, index = call.sqls()
    zero = failing("INVALID_FUNCTION_ARGUMENT", "'SQL array indices start at 1'")
    return f"({items})[CASE WHEN {index} = 0 THEN {zero} ELSE {index} END]"


def _canonical(call: Call, item: str) -> str:
    """An element of the first array, for comparison."""
    return nested.canonical(item, _element(call))


def _element(call: Call) -> t.Type:
    kind = call[0].type
    assert isinstance(kind, t.Array)  # noqa: S101 - by the signature
    return kind.element


def _place(call: Call) -> str:
    """The place of the second argument in the first, an array; 0 or NULL if it is not there."""
    items, wanted = call.sqls()
    kind = _element(call)
    if nested.is_simple(kind) or (kind in (t.REAL, t.DOUBLE) and call[1].is_constant):  # a literal is never NaN
        return f"list_position({items}, {wanted})"
    item = call.fresh()
    return f"list_position(list_transform({items}, lambda {item}: {nested.equal(item, wanted, kind)}), true)"


def _distinct(call: Call) -> str:
    # list_distinct drops NULL and the order: keep the first of each.
    items, a, b, i, j = call[0].sql, call.fresh(), call.fresh(), call.fresh(), call.fresh()
    same = f"{_canonical(call, b)} IS NOT DISTINCT FROM {_canonical(call, a)}"
    later = f"len(list_filter(({items})[1:{i} - 1], lambda {b}, {j}: {same})) > 0"
    return f"list_filter({items}, lambda {a}, {i}: NOT ({later}))"


def _both_sets(keep: str) -> object:
    def emit(call: Call) -> str:
        left, right, a, b = call[0].sql, call[1].sql, call.fresh(), call.fresh()
        same = f"{_canonical(call, b)} IS NOT DISTINCT FROM {_canonical(call, a)}"
        inside = f"len(list_filter({right}, lambda {b}: {same})) > 0"
        kept = f"list_filter({left}, lambda {a}: {keep.format(inside)})"
        unique = _distinct(_over(call, kept))
        return f"CASE WHEN {right} IS NOT NULL THEN {unique} END"

    return emit


def _over(call: Call, sql: str) -> Call:
    return Call([call.value(sql, call.result)], call.result, call.variables, call.position, call.fresh)


def _union(call: Call) -> str:
    return _distinct(_over(call, _concat(call)))


def _undecided(call: Call, name: str) -> str:
    """A branch that fails where a NULL inside an element leaves open whether it is the second argument."""
    if not nested.is_nested(call[1].type):
        return ""
    message = f"'{name} does not support arrays with elements that are null or contain null'"
    fails = failing("NOT_SUPPORTED", message, call.result.storage)
    unknown = " OR ".join(nested.holds_null(item.sql, item.type) for item in call.values())
    return f"WHEN {unknown} THEN {fails} "


def _position(call: Call) -> str:
    items, wanted = call.sqls()
    found = f"CAST(coalesce({_place(call)}, 0) AS BIGINT)"
    undecided = _undecided(call, "array_position")
    return f"CASE WHEN {items} IS NULL OR {wanted} IS NULL THEN NULL {undecided}ELSE {found} END"


def _overlap(call: Call) -> str:
    a, b = (comparable(item) for item in call.values())
    nulls = f"(len({a}) > 0 AND len({b}) > 0 AND (list_count({a}) < len({a}) OR list_count({b}) < len({b})))"
    return f"CASE WHEN list_has_any({a}, {b}) THEN true WHEN {nulls} THEN NULL ELSE list_has_any({a}, {b}) END"


def _contains(call: Call) -> str:
    a, x = call.sqls()
    undecided = _undecided(call, "contains")
    return (
        f"CASE WHEN {x} IS NULL OR {a} IS NULL THEN NULL {undecided}WHEN {_place(call)} > 0 THEN true "
        f"WHEN list_count({a}) < len({a}) THEN NULL ELSE false END"
    )


def _extreme(function: str) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        nested.refuse_order(_element(call), "the least or greatest element", call.position)
        items = call[0].sql
        return f"CASE WHEN list_count({items}) = len({items}) THEN {function}({items}) END"

    return emit


def _sort(call: Call) -> str:
    """NULLs last; equal ones keep their order."""
    items, kind = call[0].sql, _element(call)
    if nested.is_plain(kind):
        return f"list_sort({items}, 'ASC', 'NULLS LAST')"
    a, i, b = call.fresh(), call.fresh(), call.fresh()
    ranked = f"{{'n': {a} IS NULL, 'k': {nested.canonical(a, kind)}, 'i': {i}, 'v': {a}}}"
    return f"list_transform(list_sort(list_transform({items}, lambda {a}, {i}: {ranked})), lambda {b}: {b}.v)"


def _remove(call: Call) -> str:
    name = call.fresh()
    items, unwanted = call.sqls()
    kept = f"list_filter({items}, lambda {name}: {name} IS NULL OR NOT {nested.equal(name, unwanted, _element(call))})"
    return f"CASE WHEN {unwanted} IS NULL THEN NULL {_undecided(call, 'array_remove')}ELSE {kept} END"


def _sequence() -> object:
    """Of numbers; the step's sign must lead from start to stop."""

    def emit(call: Call) -> str:
        start, stop, *step = call.sqls()
        by = step[0] if step else f"CASE WHEN {start} <= {stop} THEN 1 ELSE -1 END"
        return f"generate_series({start}, {stop}, {_checked_step(by, f'(CAST({stop} AS HUGEINT) - {start})')})"

    return emit


def _checked_step(step: str, span: str) -> str:
    """The step of a sequence, if it leads from start to stop in not too many steps."""
    astray = failing(
        "INVALID_FUNCTION_ARGUMENT",
        "'sequence stop value should be greater than or equal to start value if step is greater than zero "
        "otherwise stop should be less than or equal to start'",
    )
    much = failing("INVALID_FUNCTION_ARGUMENT", _MANY)
    return (
        f"CASE WHEN {step} = 0 OR {span} * sign({step}) < 0 THEN {astray} "
        f"WHEN {span} // ({step}) >= {MOST_ENTRIES} THEN {much} ELSE {step} END"
    )


def _sequence_of_dates(call: Call) -> str:
    start, stop = call[0].sql, call[1].sql
    name = call.fresh()
    if len(call) > 2:
        step = call[2]
        if step.type == t.YEAR_MONTH:  # from the start each time: a month's last day comes back
            count = f"date_sub('month', CAST({start} AS TIMESTAMP), CAST({stop} AS TIMESTAMP)) // {step.sql}"
            moved = f"CAST({start} + to_months(CAST({name} * {step.sql} AS INTEGER)) AS {_inner(call)})"
            return f"list_transform(generate_series(0, {count}), lambda {name}: {moved})"
        millis = step.sql
    else:
        millis = f"CASE WHEN {start} <= {stop} THEN {DAY_MILLIS} ELSE -{DAY_MILLIS} END"
    span = f"(epoch_ms(CAST({stop} AS TIMESTAMP)) - epoch_ms(CAST({start} AS TIMESTAMP)))"
    move = f"to_microseconds({_checked_step(millis, span)} * 1000)"
    series = f"generate_series(CAST({start} AS TIMESTAMP), CAST({stop} AS TIMESTAMP), {move})"
    if call.result == t.Array(t.DATE):
        return f"list_transform({series}, lambda {name}: CAST({name} AS DATE))"
    return series


def _inner(call: Call) -> str:
    assert isinstance(call.result, t.Array)  # noqa: S101 - by the signature
    return call.result.element.storage


def _repeat(call: Call) -> str:
    count = f"CAST({call[1].sql} AS BIGINT)"
    message = f"'count argument of repeat function must be less than or equal to {MOST_REPEATS}'"
    much = failing("INVALID_FUNCTION_ARGUMENT", message)
    few = failing("INVALID_FUNCTION_ARGUMENT", "'count argument of repeat function must be greater than or equal to 0'")
    checked = f"CASE WHEN {count} > {MOST_REPEATS} THEN {much} WHEN {count} < 0 THEN {few} ELSE {count} END"
    return f"list_transform(generate_series(1, {checked}), lambda {call.fresh()}: {call[0].sql})"


def _zip(call: Call) -> str:
    name = call.fresh()
    assert isinstance(call.result, t.Array) and isinstance(call.result.element, t.Row)  # noqa: S101, PT018
    keys = call.result.element.keys
    members = ", ".join(f"'{key}': ({item})[{name}]" for key, item in zip(keys, call.sqls(), strict=True))
    longest = f"greatest({', '.join(f'len({item})' for item in call.sqls())})"
    test = " AND ".join(f"{item} IS NOT NULL" for item in call.sqls())
    return f"CASE WHEN {test} THEN list_transform(generate_series(1, {longest}), lambda {name}: {{{members}}}) END"


def _join(call: Call) -> str:
    name = call.fresh()
    assert isinstance(call[0].type, t.Array)  # noqa: S101 - by the signature
    item = as_varchar(call.value(name, call[0].type.element))
    if len(call) > 2:
        item = f"coalesce({item}, {call[2].sql})"
    return join_sql(f"list_transform({call[0].sql}, lambda {name}: {item})", call[1])


def join_sql(items: str, by: Expr) -> str:
    """The texts of a list, NULLs left out, with a separator; DuckDB's own function wants a constant one."""
    if by.is_constant:
        return f"coalesce(array_to_string({items}, {by.sql}), CASE WHEN {items} IS NOT NULL THEN '' END)"
    return udf.call(join_texts, "VARCHAR", (items, "VARCHAR[]"), (by.sql, "VARCHAR"))


def join_texts(items: list[str | None], by: str) -> str:
    """The texts with the separator between them; NULLs are left out."""
    return by.join(item for item in items if item is not None)


def _trim(call: Call) -> str:
    items, count = call.sqls()
    bad = failing("INVALID_FUNCTION_ARGUMENT", f"'size must not exceed array cardinality: ' || {count}")
    return f"({items})[1 : CASE WHEN {count} < 0 OR {count} > len({items}) THEN {bad} ELSE len({items}) - {count} END]"


def combinations(items: list[Any], size: int) -> list[list[Any]]:
    """Sub-groups of so many elements, at most five."""
    if not 0 <= size <= 5:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:combination size must not exceed 5:END")
    return [list(group) for group in _combinations(items, size)]


def ngrams(items: list[Any], size: int) -> list[list[Any]]:
    """Adjacent elements, so many at a time; all of them if there are fewer."""
    if size < 1:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:N must be positive:END")
    return [items[i : i + size] for i in range(max(len(items) - size + 1, 1))]


def contains_sequence(items: list[Any], wanted: list[Any]) -> bool:
    """Whether the wanted elements occur in this order, one after the other."""
    return any(items[i : i + len(wanted)] == wanted for i in range(len(items) - len(wanted) + 1))


def shuffle(items: list[Any]) -> list[Any]:
    """The elements in another order."""
    return random.sample(items, len(items))


def _over_arrays(function: Callable[..., object]) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        return udf.call(function, call.result.storage, *((item.sql, item.type.storage) for item in call.values()))

    return emit


def _contains_sequence(call: Call) -> str:
    if not nested.is_plain(_element(call)):
        raise not_supported(f"contains_sequence of {call[0].type.name}", call.position)
    return _over_arrays(contains_sequence)(call)


def _generic(function: object) -> object:
    def emit(call: Call) -> str:
        return udf.call(function, call.result.storage, (call[0].sql, call[0].type.storage), (call[1].sql, "BIGINT"))  # type: ignore[arg-type]

    return emit


scalar(
    TABLE,
    ("cardinality(array(T)) -> bigint", "CAST(len({0}) AS BIGINT)"),
    ("concat(array(T), array(T)…) -> array(T)", _concat),
    ("concat(array(T), T) -> array(T)", _with_element),
    ("concat(T, array(T)) -> array(T)", _with_element),
    ("contains(array(T), T) -> boolean", _contains),
    ("element_at(array(T), bigint) -> T", _element_at),
    ("slice(array(T), bigint, bigint) -> array(T)", _slice),
    ("reverse(array(T)) -> array(T)", "list_reverse({0})"),
    ("flatten(array(array(T))) -> array(T)", "flatten({0})"),
    ("array_distinct(array(T)) -> array(T)", _distinct),
    ("array_union(array(T), array(T)) -> array(T)", _union),
    ("array_intersect(array(T), array(T)) -> array(T)", _both_sets("{}")),  # type: ignore[arg-type]
    ("array_except(array(T), array(T)) -> array(T)", _both_sets("NOT ({})")),  # type: ignore[arg-type]
    ("arrays_overlap(array(T), array(T)) -> boolean", _overlap),
    ("array_position(array(T), T) -> bigint", _position),
    ("array_remove(array(T), T) -> array(T)", _remove),
    ("array_max(array(O)) -> O", _extreme("list_max")),
    ("array_min(array(O)) -> O", _extreme("list_min")),
    ("array_sort(array(O)) -> array(O)", _sort),
    ("array_join(array(T), varchar) -> varchar", _join),
    ("array_join(array(T), varchar, varchar) -> varchar", _join),
    ("trim_array(array(T), bigint) -> array(T)", _trim),
    ("repeat(T, bigint) -> array(T)", _repeat),
    ("sequence(bigint, bigint) -> array(bigint)", _sequence()),  # type: ignore[arg-type]
    ("sequence(bigint, bigint, bigint) -> array(bigint)", _sequence()),  # type: ignore[arg-type]
    ("sequence(date, date) -> array(date)", _sequence_of_dates),
    ("sequence(date, date, interval day to second) -> array(date)", _sequence_of_dates),
    ("sequence(date, date, interval year to month) -> array(date)", _sequence_of_dates),
    ("sequence(M, M, interval day to second) -> array(M)", _sequence_of_dates),
    ("sequence(M, M, interval year to month) -> array(M)", _sequence_of_dates),
    ("zip(array(A), array(B)) -> array(row(A, B))", _zip),
    ("zip(array(A), array(B), array(G)) -> array(row(A, B, G))", _zip),
    ("zip(array(A), array(B), array(G), array(H)) -> array(row(A, B, G, H))", _zip),
    ("zip(array(A), array(B), array(G), array(H), array(J)) -> array(row(A, B, G, H, J))", _zip),
    ("combinations(array(T), bigint) -> array(array(T))", _generic(combinations)),  # type: ignore[arg-type]
    ("contains_sequence(array(T), array(T)) -> boolean", _contains_sequence),
    ("shuffle(array(T)) -> array(T)", _over_arrays(shuffle)),
    ("ngrams(array(T), bigint) -> array(array(T))", _generic(ngrams)),  # type: ignore[arg-type]
)
