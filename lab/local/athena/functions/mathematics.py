"""Mathematical functions. Source: https://trino.io/docs/current/functions/math.html"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import pairwise
from statistics import NormalDist

from lab.local.athena import nested, udf
from lab.local.athena import types as t
from lab.local.athena.expr import failing
from lab.local.athena.functions.signature import Call, Table, python, scalar
from lab.local.athena.java_text import java_double
from lab.local.athena.operators import arithmetic

TABLE: Table = {}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _round_decimal(call: Call) -> str:
    return f"CAST(round({call[0].sql}) AS {call.result.storage})"


def round_decimal(value: Decimal, digits: int) -> Decimal:
    """Half up, away from zero, to a number of digits that may be negative."""
    with localcontext() as context:
        context.prec = 700
        step = Decimal(1).scaleb(-digits)
        return (value / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def round_double(value: float, digits: int) -> float:
    """Half up, away from zero, of the shortest decimal text of the number."""
    if math.isnan(value) or math.isinf(value) or digits > FINEST:
        return value
    return float(round_decimal(Decimal(repr(value)), digits))


LONGEST_BIGINT = 19
"""A power of ten with so many zeros is no bigint any more."""
FINEST = 340
"""No double has a digit so far behind the point."""
MOST_DIGITS = 15
"""Up to so many decimal digits the power of ten and the quotient of two whole numbers are exact."""


def _round(call: Call) -> str:
    """Away from a tie the rounding of DuckDB's own arithmetic is exact; a call of Python for each row is slow."""
    value, digits = call[0].sql, call[1].constant
    kind = call.result.storage
    slow = udf.call(round_double, kind, (value, kind), (call[1].sql, "BIGINT"))
    exact = isinstance(digits, int) and 0 <= digits <= MOST_DIGITS
    if call.result != t.DOUBLE or not exact or "random(" in value:  # the value is written several times
        return slow
    scaled = f"(abs({value}) * 1e{digits})"
    clear = f"{scaled} < 1e15 AND abs({scaled} - floor({scaled}) - 0.5) > 1e-6"
    rounded = f"floor({scaled} + 0.5) / 1e{digits}"
    return f"CASE WHEN {clear} THEN CASE WHEN {value} < 0 THEN -({rounded}) ELSE {rounded} END ELSE {slow} END"


def truncate_double(value: float, digits: int) -> float:
    """Towards zero, to a number of digits."""
    if math.isnan(value) or math.isinf(value):
        return value
    factor = Decimal(1).scaleb(digits)
    return float(int(Decimal(repr(value)) * factor) / factor)


def truncate_decimal(value: Decimal, digits: int) -> Decimal:
    """Towards zero, to a number of digits."""
    with localcontext() as context:
        context.prec = 80
        return Decimal(int(value.scaleb(digits))).scaleb(-digits)


def round_integer(value: int, digits: int) -> int:
    """Half up to tens, hundreds …; a positive number of digits changes nothing."""
    rounded = value if digits >= 0 else int(round_decimal(Decimal(value), digits)) if digits > -LONGEST_BIGINT else None
    if rounded is None or not -(2**63) <= rounded < 2**63:
        raise ValueError(f"TRINO:NUMERIC_VALUE_OUT_OF_RANGE:numerical overflow: {value}:END")
    return rounded


def cbrt(value: float) -> float:
    """The cube root, exact where it is a whole number."""
    root = math.cbrt(value)
    whole = round(root) if math.isfinite(root) else 0
    return float(whole) if whole**3 == value else root


def width_bucket(value: float, low: float, high: float, count: int) -> int:
    """The number of the bucket; 0 below the first, count + 1 above the last."""
    for wrong, message in (
        (count < 1, "bucketCount must be greater than 0"),
        (math.isnan(value), "operand must not be NaN"),
        (not math.isfinite(low), "first bound must be finite"),
        (not math.isfinite(high), "second bound must be finite"),
        (low == high, "bounds cannot equal each other"),
    ):
        if wrong:
            raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:{message}:END")
    inside = (value - low) / (high - low)
    return 0 if inside < 0 else count + 1 if inside >= 1 else int(inside * count) + 1


def width_bucket_bins(value: float, bins: list[float]) -> int:
    """How many bounds are not above the value. Raises ValueError when they are not sorted."""
    infinite = next((bound for bound in bins if not math.isfinite(bound)), None)
    for wrong, message in (
        (not bins, "Bins cannot be an empty array"),
        (math.isnan(value), "Operand cannot be NaN"),
        (infinite is not None, f"Bin value must be finite, got {infinite and java_double(infinite)}"),
        (any(a > b for a, b in pairwise(bins)), "Bin values are not sorted in ascending order"),
    ):
        if wrong:
            raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:{message}:END")
    return sum(bound <= value for bound in bins)


def from_base(text: str, radix: int) -> int:
    """A whole number written with a radix from 2 to 36."""
    _radix(radix)
    try:
        found = int(text, radix)
    except ValueError:
        found = 2**63
    if not -(2**63) <= found < 2**63:
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:Not a valid base-{radix} number: {text}:END")
    return found


def to_base(value: int, radix: int) -> str:
    """A whole number with a radix from 2 to 36, in lower case."""
    _radix(radix)
    digits, rest = "", abs(value)
    while rest:
        rest, digit = divmod(rest, radix)
        digits = _DIGITS[digit] + digits
    return ("-" if value < 0 else "") + (digits or "0")


def _radix(radix: int) -> int:
    if not 2 <= radix <= 36:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:Radix must be between 2 and 36:END")
    return radix


def normal_cdf(mean: float, deviation: float, value: float) -> float:
    """The normal distribution's cumulative probability."""
    if not deviation > 0:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:standardDeviation must be > 0:END")
    return NormalDist(mean, deviation).cdf(value)


def inverse_normal_cdf(mean: float, deviation: float, probability: float) -> float:
    """The value with that cumulative probability."""
    if not 0 < probability < 1:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:p must be 0 > p > 1:END")
    if not deviation > 0:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:sd must be > 0:END")
    return NormalDist(mean, deviation).inv_cdf(probability)


def cosine_similarity(a: dict[str, float], b: dict[str, float]) -> float | None:
    """Of two sparse vectors; NULL for a vector of length 0 or with a NULL in it."""
    if None in (*a.values(), *b.values()):
        return None
    lengths = math.hypot(*a.values()) * math.hypot(*b.values())
    return sum(value * b.get(key, 0.0) for key, value in a.items()) / lengths if lengths else None


def _wilson(successes: int, trials: int, z: float) -> tuple[float, float]:
    """Middle and half width of the Wilson score interval.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    for wrong, message in (
        (successes < 0, "number of successes must not be negative"),
        (trials <= 0, "number of trials must be positive"),
        (successes > trials, "number of successes must not be larger than number of trials"),
        (z < 0, "z-score must not be negative"),
    ):
        if wrong:
            raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:{message}:END")
    share, whole = successes / trials, 1 + z * z / trials
    width = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / whole
    return (share + z * z / (2 * trials)) / whole, width


def wilson_interval_lower(successes: int, trials: int, z: float) -> float:
    """The lower bound of the Wilson score interval."""
    middle, width = _wilson(successes, trials, z)
    return middle - width


def wilson_interval_upper(successes: int, trials: int, z: float) -> float:
    """The upper bound of the Wilson score interval."""
    middle, width = _wilson(successes, trials, z)
    return middle + width


def _whole(function: str) -> str:
    return f"CAST({function}({{0}}) AS {{r}})"


def _decimal_whole(function: str, *, carries: bool) -> object:
    """Parameters: carries, whether the result may have a digit more before the point."""

    def emit(call: Call) -> str:
        kind = call[0].type
        assert isinstance(kind, t.Decimal)  # noqa: S101 - by the signature
        digits = min(kind.precision - kind.scale + (1 if kind.scale and carries else 0), t.MAX_PRECISION)
        call.result = t.Decimal(max(digits, 1), 0)
        return f"CAST({function}({call[0].sql}) AS {call.result.storage})"

    return emit


def _extreme(comparison: str) -> object:
    def emit(call: Call) -> str:
        nested.refuse_order(call.result, comparison, call.position)
        parts = call.sqls()
        test = " AND ".join(f"{sql} IS NOT NULL" for sql in parts)
        found = f"{comparison}({', '.join(parts)})"
        # To Trino NaN is the least number, to DuckDB the greatest.
        if comparison == "greatest" and call.result in (t.REAL, t.DOUBLE):
            numbers = ", ".join(f"CASE WHEN NOT isnan({sql}) THEN {sql} END" for sql in parts)
            found = f"coalesce(greatest({numbers}), CAST('nan' AS {call.result.storage}))"
        return f"CASE WHEN {test} THEN {found} END"

    return emit


def _mod(call: Call) -> str:
    return f"({call[0].sql} % {call[1].sql})"


def _decimal_mod(call: Call) -> str:
    found = arithmetic("%", call[0], call[1], call.position)
    call.result = found.type
    return found.sql


def _decimal_round(call: Call) -> str:
    kind = call[0].type
    assert isinstance(kind, t.Decimal)  # noqa: S101 - by the signature
    call.result = t.Decimal(min(kind.precision + 1, t.MAX_PRECISION), kind.scale)
    return udf.call(round_decimal, call.result.storage, (call[0].sql, kind.storage), (call[1].sql, "BIGINT"))


def _random_below(call: Call) -> str:
    bound = call[0].sql
    fails = failing("INVALID_FUNCTION_ARGUMENT", "'bound must be positive'", call.result.storage)
    return f"CASE WHEN {bound} <= 0 THEN {fails} ELSE CAST(floor(random() * {bound}) AS {call.result.storage}) END"


def _random_between(call: Call) -> str:
    first, end = (f"CAST({sql} AS HUGEINT)" for sql in call.sqls())
    message = "'start value must be less than stop value'"
    fails = failing("INVALID_FUNCTION_ARGUMENT", message, call.result.storage)
    found = f"CAST({first} + CAST(floor(random() * ({end} - {first})) AS HUGEINT) AS {call.result.storage})"
    return f"CASE WHEN {first} >= {end} THEN {fails} ELSE {found} END"


scalar(
    TABLE,
    ("abs(N) -> N", "CAST(abs({0}) AS {r})"),
    ("round(F, bigint) -> F", _round),
    ("sign(I) -> I", _whole("sign")),
    ("sign(F) -> F", "CASE WHEN isnan({0}) THEN {0} ELSE CAST(sign({0}) AS {r}) END"),
    ("sign(D) -> decimal(1,0)", _whole("sign")),
    ("ceil(I) -> I", "{0}"),
    ("ceil(F) -> F", _whole("ceil")),
    ("ceil(D) -> D", _decimal_whole("ceil", carries=True)),  # type: ignore[arg-type]
    ("floor(I) -> I", "{0}"),
    ("floor(F) -> F", _whole("floor")),
    ("floor(D) -> D", _decimal_whole("floor", carries=True)),  # type: ignore[arg-type]
    ("round(I) -> I", "{0}"),
    ("round(F) -> F", _whole("round")),
    ("round(D) -> D", _decimal_whole("round", carries=True)),  # type: ignore[arg-type]
    ("round(D, bigint) -> D", _decimal_round),
    ("truncate(F) -> F", _whole("trunc")),
    ("truncate(D) -> D", _decimal_whole("trunc", carries=False)),  # type: ignore[arg-type]
    ("mod(I, I) -> I", _mod),
    ("mod(D, D) -> D", _decimal_mod),
    ("mod(F, F) -> F", _mod),
    ("sqrt(double) -> double", "CASE WHEN {0} < 0 THEN CAST('nan' AS DOUBLE) ELSE sqrt({0}) END"),
    ("exp(double) -> double", "exp({0})"),
    (
        "ln(double) -> double",
        "CASE WHEN {0} < 0 THEN CAST('nan' AS DOUBLE) WHEN {0} = 0 THEN CAST('-inf' AS DOUBLE) ELSE ln({0}) END",
    ),
    (
        "log2(double) -> double",
        "CASE WHEN {0} < 0 THEN CAST('nan' AS DOUBLE) WHEN {0} = 0 THEN CAST('-inf' AS DOUBLE) ELSE log2({0}) END",
    ),
    (
        "log10(double) -> double",
        "CASE WHEN {0} < 0 THEN CAST('nan' AS DOUBLE) WHEN {0} = 0 THEN CAST('-inf' AS DOUBLE) ELSE log10({0}) END",
    ),
    ("log(double, double) -> double", "(ln({1}) / ln({0}))"),
    ("power(double, double) -> double", "power({0}, {1})"),
    ("pow(double, double) -> double", "power({0}, {1})"),
    ("e() -> double", f"CAST({math.e!r} AS DOUBLE)"),
    ("pi() -> double", "pi()"),
    ("nan() -> double", "CAST('nan' AS DOUBLE)"),
    ("infinity() -> double", "CAST('inf' AS DOUBLE)"),
    ("is_nan(double) -> boolean", "isnan({0})"),
    ("is_finite(double) -> boolean", "isfinite({0})"),
    ("is_infinite(double) -> boolean", "isinf({0})"),
    ("degrees(double) -> double", "degrees({0})"),
    ("radians(double) -> double", "radians({0})"),
    ("atan2(double, double) -> double", "atan2({0}, {1})"),
    *(
        (f"{name}(double) -> double", f"{name}({{0}})")
        for name in ("sin", "cos", "tan", "atan", "sinh", "cosh", "tanh")
    ),
    *(
        (f"{name}(double) -> double", f"CASE WHEN abs({{0}}) > 1 THEN CAST('nan' AS DOUBLE) ELSE {name}({{0}}) END")
        for name in ("asin", "acos")
    ),
    ("uuid() -> uuid", "uuid()"),
    ("random() -> double", "random()"),
    ("rand() -> double", "random()"),
    *((f"{name}(I) -> I", _random_below) for name in ("random", "rand")),
    *((f"{name}(I, I) -> I", _random_between) for name in ("random", "rand")),
    ("greatest(T…) -> T", _extreme("greatest")),  # type: ignore[arg-type]
    ("least(T…) -> T", _extreme("least")),  # type: ignore[arg-type]
)
TABLE["ceiling"] = TABLE["ceil"]
python(
    TABLE,
    ("cbrt(double) -> double", cbrt),
    ("round(I, bigint) -> I", round_integer),
    ("truncate(D, bigint) -> D", truncate_decimal),
    ("truncate(F, bigint) -> F", truncate_double),
    ("width_bucket(double, array(double)) -> bigint", width_bucket_bins),
    ("width_bucket(double, double, double, bigint) -> bigint", width_bucket),
    ("from_base(varchar, bigint) -> bigint", from_base),
    ("to_base(bigint, bigint) -> varchar(64)", to_base),
    ("normal_cdf(double, double, double) -> double", normal_cdf),
    ("inverse_normal_cdf(double, double, double) -> double", inverse_normal_cdf),
    ("cosine_similarity(map(varchar, double), map(varchar, double)) -> double", cosine_similarity),
    ("wilson_interval_lower(bigint, bigint, double) -> double", wilson_interval_lower),
    ("wilson_interval_upper(bigint, bigint, double) -> double", wilson_interval_upper),
)
