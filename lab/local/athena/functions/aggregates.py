"""Aggregate functions. Source: https://trino.io/docs/current/functions/aggregate.html

Each stays one aggregate of DuckDB, so that DISTINCT, ORDER BY, FILTER and OVER apply to it; the rest is done around it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from itertools import accumulate
from typing import Any

from lab.local.athena import nested, udf
from lab.local.athena import types as t
from lab.local.athena.errors import Position, QueryError, not_supported
from lab.local.athena.expr import Expr
from lab.local.athena.functions.signature import Aggregate, Call, Emit, Table, aggregate
from lab.local.athena.operators import comparable, decimal_divide

TABLE: Table = {}
_CAST = "CAST({} AS {r})"
_PAIR = "{{'k': {0}, 'v': {1}}}"


def _keyed(value: str) -> Callable[[Call], str]:
    """A map of a list of entries: for each key, what ``value`` makes of them (``l`` the list, ``k`` the key)."""

    def emit(call: Call) -> str:
        entries, a, b, c = call[0].sql, call.fresh(), call.fresh(), call.fresh()
        keys = f"list_sort(list_distinct(list_transform({entries}, lambda {a}: {a}.k)))"
        found = value.format(l=entries, k=b, x=c, e=a)
        return f"CASE WHEN {entries} IS NOT NULL THEN map({keys}, list_transform({keys}, lambda {b}: {found})) END"

    return emit


_FIRST = "{l}[list_position(list_transform({l}, lambda {x}: {x}.k), {k})].v"
_ALL = "list_transform(list_filter({l}, lambda {x}: {x}.k = {k}), lambda {e}: {e}.v)"


def _average(call: Call) -> str:
    """Of decimals, which keep their type: the sum and the count are taken apart after one aggregation."""
    whole, kind = call[0].sql, call.result
    assert isinstance(kind, t.Decimal)  # noqa: S101 - by the signature
    total = f"list_sum(list_transform({whole}, lambda v: CAST(v AS DECIMAL(38,{kind.scale}))))"
    count = f"CAST(len({whole}) AS DECIMAL(19,0))"
    call_ = udf.call(
        decimal_divide,
        kind.storage,
        (total, f"DECIMAL(38,{kind.scale})"),
        (count, "DECIMAL(19,0)"),
        (str(kind.scale), "INTEGER"),
    )
    return f"CASE WHEN {whole} IS NOT NULL THEN {call_} END"


def _fraction(call: Call) -> str:
    given = _shares(call[1], call.position)
    return f"{call[0].sql}, {given if isinstance(call[1].constant, list) else given[0]}"


def _shares(value: Expr, position: Position | None) -> list[float]:
    found = _constant(value, "the percentage of approx_percentile")
    many = found if isinstance(found, list) else [found]
    if not all(share is not None and 0 <= share <= 1 for share in many):
        raise QueryError("INVALID_FUNCTION_ARGUMENT", "Percentile must be between 0 and 1", position)
    return [float(share) for share in many]


def _constant(value: Expr, what: str) -> Any:
    if not value.is_constant or value.constant is None:
        raise not_supported(f"{what} that is not constant", value.position)
    return value.constant


def _joined(call: Call) -> str:
    _constant(call[1], "the separator of listagg")
    return f"{call[0].sql}, {call[1].sql}"


def _one(text: str, name: str, emit: Emit = "{0}", outer: str = _CAST, where: str | None = None) -> None:
    aggregate(TABLE, text, emit, Aggregate(name, outer, where))


def _sum_decimal(call: Call) -> str:
    kind = call[0].type
    assert isinstance(kind, t.Decimal)  # noqa: S101 - by the signature
    call.result = t.Decimal(t.MAX_PRECISION, kind.scale)
    return call[0].sql


def _count(call: Call) -> str:
    return "*" if call.arguments and call[0].constant == "*" and call[0].sql == "*" else comparable(call[0])


def _by(call: Call) -> str:
    """What is chosen, and what it is chosen by."""
    return ", ".join([call[0].sql, comparable(call[1]), *(item.sql for item in call.values()[2:])])


def _extreme(call: Call) -> str:
    nested.refuse_order(call[0].type, "the least or greatest", call.position)
    return ", ".join(call.sqls())


aggregate(TABLE, "count() -> bigint", "*", Aggregate("count"))
aggregate(TABLE, "count(T) -> bigint", _count, Aggregate("count"))
_one("count_if(boolean) -> bigint", "count", "CASE WHEN {0} THEN 1 END")
_one("sum(real) -> real", "sum")
for _name in ("tinyint", "smallint", "integer", "bigint"):
    _one(f"sum({_name}) -> bigint", "sum")
aggregate(TABLE, "sum(D) -> D", _sum_decimal, Aggregate("sum", _CAST))
_one("sum(double) -> double", "sum")
_one("sum(interval day to second) -> interval day to second", "sum")
_one("sum(interval year to month) -> interval year to month", "sum")
_one("avg(double) -> double", "avg", "CAST({0} AS DOUBLE)")
aggregate(TABLE, "avg(D) -> D", "{0}", Aggregate("list", _average, "{0} IS NOT NULL"))
_one("avg(real) -> real", "avg")
_one("avg(interval day to second) -> interval day to second", "avg", outer="CAST(round({}) AS BIGINT)")
_one("min(O) -> O", "min", _extreme, "{}")
_one("max(O) -> O", "max", _extreme, "{}")
_one("min(O, bigint) -> array(O)", "min", _extreme, "{}")
_one("max(O, bigint) -> array(O)", "max", _extreme, "{}")
_one("min_by(T, O) -> T", "arg_min_null", _by, "{}")
_one("max_by(T, O) -> T", "arg_max_null", _by, "{}")
_one("min_by(T, O, bigint) -> array(T)", "arg_min", _by, "{}")
_one("max_by(T, O, bigint) -> array(T)", "arg_max", _by, "{}")
_one("arbitrary(T) -> T", "any_value", outer="{}")
_one("any_value(T) -> T", "any_value", outer="{}")
_one("bool_and(boolean) -> boolean", "bool_and", outer="{}")
_one("every(boolean) -> boolean", "bool_and", outer="{}")
_one("bool_or(boolean) -> boolean", "bool_or", outer="{}")
_one("array_agg(T) -> array(T)", "list", outer="{}")
aggregate(TABLE, "listagg(varchar, varchar) -> varchar", _joined, Aggregate("string_agg"))
for _names in ("T", "T, double"):
    _one(f"approx_distinct({_names}) -> bigint", "count", lambda call: f"DISTINCT {comparable(call[0])}", "{}")
_one("geometric_mean(double) -> double", "avg", "ln({0})", "exp({})")
_one("bitwise_and_agg(bigint) -> bigint", "bit_and")
_one("bitwise_or_agg(bigint) -> bigint", "bit_or")
_one("bitwise_xor_agg(bigint) -> bigint", "bit_xor")
_one("histogram(T) -> map(T, bigint)", "histogram")
_one("kurtosis(double) -> double", "kurtosis", outer="{}")
_one("skewness(double) -> double", "skewness", outer="{}")
for _names in ("stddev stddev_samp", "stddev_samp stddev_samp", "stddev_pop stddev_pop", "variance var_samp"):
    _one(f"{_names.split()[0]}(double) -> double", _names.split()[1], outer="{}")
for _name in ("var_samp", "var_pop"):
    _one(f"{_name}(double) -> double", _name, outer="{}")
for _name in ("corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept"):
    _one(f"{_name}(double, double) -> double", _name, "{0}, {1}", "{}")
aggregate(TABLE, "map_agg(K, V) -> map(K, V)", _PAIR, Aggregate("list", _keyed(_FIRST), "{0} IS NOT NULL"))
aggregate(TABLE, "multimap_agg(K, V) -> map(K, array(V))", _PAIR, Aggregate("list", _keyed(_ALL), "{0} IS NOT NULL"))


def _union(call: Call) -> str:
    maps = f"flatten(list_transform({call[0].sql}, lambda m: map_entries(m)))"
    entries = f"list_transform({maps}, lambda e: {{'k': e.key, 'v': e.value}})"
    call.arguments[0] = call.value(entries, call.result)
    return _keyed(_FIRST)(call)


aggregate(TABLE, "map_union(map(K, V)) -> map(K, V)", "{0}", Aggregate("list", _union, "{0} IS NOT NULL"))


def _most_frequent(call: Call) -> str:
    found, a, b = call[0].sql, call.fresh(), call.fresh()
    counted = f"{{'n': -CAST({a}.value AS BIGINT), 'k': {a}.key}}"
    counts = f"list_sort(list_transform(map_entries({found}), lambda {a}: {counted}))"
    top = f"({counts})[1:{int(_constant(call[1], 'the buckets of approx_most_frequent'))}]"
    return f"map_from_entries(list_transform({top}, lambda {b}: {{'k': {b}.k, 'v': CAST(-{b}.n AS BIGINT)}}))"


aggregate(
    TABLE, "approx_most_frequent(bigint, T, bigint) -> map(T, bigint)", "{1}", Aggregate("histogram", _most_frequent)
)
for _kind in ("bigint", "double"):
    aggregate(TABLE, f"approx_percentile({_kind}, double) -> {_kind}", _fraction, Aggregate("quantile_disc"))
    aggregate(
        TABLE, f"approx_percentile({_kind}, array(double)) -> array({_kind})", _fraction, Aggregate("quantile_disc")
    )
aggregate(TABLE, "approx_percentile(real, double) -> real", _fraction, Aggregate("quantile_disc"))


def weighted_percentiles(pairs: list[dict[str, Any]], shares: list[float]) -> list[Any]:
    """For each share the least value below or at which that share of the whole weight lies."""
    if any(pair["v"] < 1 for pair in pairs):
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:percentile weight must be greater than or equal to 1:END")
    rising = sorted(pairs, key=lambda pair: pair["k"])
    sums = list(accumulate(pair["v"] for pair in rising))
    return [rising[min(bisect_left(sums, round(share * sums[-1], 9)), len(rising) - 1)]["k"] for share in shares]


def _weighted(call: Call) -> str:
    """After one aggregation into pairs: the result's argument is followed by value, weight and shares."""
    shares = _shares(call[3], call.position)
    many = isinstance(call.result, t.Array)
    kind = call.result.storage if many else f"{call.result.storage}[]"
    pairs = (call[0].sql, f"STRUCT(k {call[1].type.storage}, v DOUBLE)[]")
    found = udf.call(weighted_percentiles, kind, pairs, (f"CAST({shares} AS DOUBLE[])", "DOUBLE[]"))
    return found if many else f"({found})[1]"


for _kind in ("bigint", "double"):
    for _share, _result in (("double", _kind), ("array(double)", f"array({_kind})")):
        aggregate(
            TABLE,
            f"approx_percentile({_kind}, double, {_share}) -> {_result}",
            _PAIR,
            Aggregate("list", _weighted, "{0} IS NOT NULL AND {1} IS NOT NULL"),
        )


def _reduce(call: Call) -> str:
    """The states combined in order: input and combination are both given, so any split gives the same."""
    values, initial = call[0].sql, call[2]
    if initial.traits.origins or initial.traits.opaque or initial.traits.loose:
        raise not_supported("an initial state of reduce_agg that is not constant", call.position)
    step, a, b = call.function(3), call.fresh(), call.fresh()
    kind = call.result
    wrapped = f"list_transform({values}, lambda {a}: {{'s': CAST(NULL AS {kind.storage}), 'x': {a}}})"
    body = step.apply(call.value(f"{a}.s", kind), call.value(f"{b}.x", call[1].type))
    element = call[1].type.storage
    start = f"{{'s': {initial.sql}, 'x': CAST(NULL AS {element})}}"
    return f"list_reduce({wrapped}, lambda {a}, {b}: {{'s': {body.sql}, 'x': CAST(NULL AS {element})}}, {start}).s"


aggregate(
    TABLE,
    "reduce_agg(T, R, lambda(R, T, R), lambda(R, R, R)) -> R",
    "{0}",
    Aggregate("list", _reduce, "{0} IS NOT NULL"),
)
