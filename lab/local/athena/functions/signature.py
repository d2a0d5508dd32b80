"""Signatures of functions, written as in Trino's reference: ``element_at(array(E), bigint) -> E``.

A single capital letter is a type variable; some stand for a kind of type only (``KINDS``). ``…`` after the last
parameter: any number of them. ``function(T) -> R`` is written ``lambda(T, R)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from lab.local.athena import types as t
from lab.local.athena import udf
from lab.local.athena.coerce import as_decimal, can_coerce, coerce, common_type
from lab.local.athena.errors import Position, QueryError
from lab.local.athena.expr import Expr
from lab.local.athena.type_text import TypeReader
from lab.local.athena.types import Type


@dataclass(frozen=True)
class Variable(Type):
    """A type variable of a signature."""

    letter: str

    @property
    def name(self) -> str:  # noqa: D102
        return self.letter


@dataclass(frozen=True)
class LambdaType(Type):
    """The type of a lambda: its parameters' types and its result's."""

    parameters: tuple[Type, ...]
    result: Type

    @property
    def name(self) -> str:  # noqa: D102
        return f"function({', '.join(kind.name for kind in (*self.parameters, self.result))})"


KINDS: dict[str, tuple[Callable[[Type], bool], Type]] = {
    "S": (t.is_text, t.VARCHAR),
    "X": (lambda kind: isinstance(kind, t.Varchar), t.VARCHAR),
    "Y": (lambda kind: isinstance(kind, t.Varchar), t.VARCHAR),
    "N": (t.is_numeric, t.DOUBLE),
    "I": (t.is_integer, t.BIGINT),
    "D": (lambda kind: isinstance(kind, t.Decimal), t.Decimal()),
    "M": (lambda kind: isinstance(kind, t.Timestamp), t.TIMESTAMP),
    "Z": (lambda kind: isinstance(kind, t.ZonedTimestamp), t.ZONED),
    "C": (lambda kind: isinstance(kind, t.Time), t.Time()),
    "F": (lambda kind: kind in (t.REAL, t.DOUBLE), t.DOUBLE),
    "O": (t.is_orderable, t.UNKNOWN),
}


class Lambda:
    """A lambda as an argument: its body is analysed anew for each use, with its parameters standing for expressions."""

    def __init__(self, count: int, body: Callable[[Sequence[Expr]], Expr], position: Position | None) -> None:
        self.count = count
        self.body = body
        self.position = position
        self.result: Type | None = None
        self.uses: list[Expr] = []

    def apply(self, *arguments: Expr) -> Expr:
        """The body with these arguments, as ``result`` if that is set. Raises TYPE_MISMATCH if it cannot be."""
        found = self.body(arguments)
        if self.result is not None:
            if not can_coerce(found.type, self.result):
                message = f"Lambda expression must return {self.result.name}, not {found.type.name}"
                raise QueryError("TYPE_MISMATCH", message, found.position)
            found = coerce(found, self.result)
        self.uses.append(found)
        return found


Argument = Expr | Lambda


@dataclass
class Call:
    """A call whose arguments fit: they have the parameters' types."""

    arguments: list[Argument]
    result: Type
    variables: dict[str, Type]
    position: Position | None
    fresh: Callable[[], str]

    def __getitem__(self, index: int) -> Expr:  # noqa: D105
        found = self.arguments[index]
        assert isinstance(found, Expr)  # noqa: S101 - the signature says so
        return found

    def __len__(self) -> int:  # noqa: D105
        return len(self.arguments)

    def function(self, index: int) -> Lambda:
        """The argument that is a lambda."""
        found = self.arguments[index]
        assert isinstance(found, Lambda)  # noqa: S101
        return found

    def values(self) -> list[Expr]:
        """Each argument that is a value."""
        return [item for item in self.arguments if isinstance(item, Expr)]

    def bound(self, longest: Callable[..., int], *texts: Expr) -> None:
        """Make the result a varchar of the length that the lengths of the texts allow, if they have one."""
        lengths = [text.type.length for text in texts if isinstance(text.type, t.Varchar)]
        length = None if None in lengths else longest(*lengths)
        self.result = t.Varchar(length if length is not None and length < t.MAX_VARCHAR else None)

    def sqls(self) -> list[str]:
        """The SQL of each argument that is a value."""
        return [item.sql for item in self.values()]

    def value(self, sql: str, kind: Type) -> Expr:
        """An expression for use inside the call."""
        return Expr(sql, kind, self.position)


Emit = str | Callable[[Call], str]


@dataclass(frozen=True)
class Overload:
    """One signature of a function and how it is computed."""

    parameters: tuple[Type, ...]
    returns: Type
    emit: Emit
    variadic: bool = False
    aggregate: Aggregate | None = None
    window: bool = False

    def matches(self, arguments: Sequence[Argument], coercing: Callable[[Type, Type], bool]) -> dict[str, Type] | None:
        """The types of the variables if the arguments fit, else None."""
        if not (len(arguments) == len(self.parameters) or (self.variadic and len(arguments) >= len(self.parameters))):
            return None
        bound: dict[str, Type] = {}
        for parameter, argument in zip(self.spread(len(arguments)), arguments, strict=True):
            if isinstance(argument, Lambda):
                if not (isinstance(parameter, LambdaType) and len(parameter.parameters) == argument.count):
                    return None
            elif not _unify(parameter, argument.type, bound, coercing):
                return None
        return bound

    @property
    def generality(self) -> int:
        """How many parameters hold a type variable."""
        return sum(_open(kind) for kind in self.parameters)

    def spread(self, count: int) -> list[Type]:
        """A parameter for each argument."""
        if not self.variadic:
            return list(self.parameters)
        fixed = list(self.parameters[:-1])
        return fixed + [self.parameters[-1]] * (count - len(fixed))


@dataclass(frozen=True)
class Aggregate:
    """How an aggregate is computed: DuckDB's aggregate, the SQL around its result, a condition on the rows."""

    name: str
    outer: Emit = "{}"
    where: str | None = None
    own_order: str | None = None
    extras: dict[str, str] = field(default_factory=dict)


def _unify(pattern: Type, kind: Type, bound: dict[str, Type], coercing: Callable[[Type, Type], bool]) -> bool:  # noqa: PLR0911 - a return for each kind of pattern
    if isinstance(pattern, Variable):
        return _bind(pattern.letter, kind, bound, coercing)
    if isinstance(pattern, LambdaType):
        return False
    if kind == t.UNKNOWN:
        return coercing is can_coerce or pattern == t.UNKNOWN
    if isinstance(pattern, t.Array) and isinstance(kind, t.Array):
        return _unify(pattern.element, kind.element, bound, coercing)
    if isinstance(pattern, t.Map) and isinstance(kind, t.Map):
        return _unify(pattern.key, kind.key, bound, coercing) and _unify(pattern.value, kind.value, bound, coercing)
    if isinstance(pattern, t.Row) and isinstance(kind, t.Row):
        pairs = zip(pattern.fields, kind.fields, strict=False)
        return len(pattern.fields) == len(kind.fields) and all(_unify(p[1], k[1], bound, coercing) for p, k in pairs)
    return not _open(pattern) and coercing(kind, pattern)


def _open(pattern: Type) -> bool:
    return bool(_letters(pattern))


def _letters(pattern: Type) -> set[str]:
    if isinstance(pattern, Variable):
        return {pattern.letter}
    parts: tuple[Type, ...] = ()
    if isinstance(pattern, t.Array):
        parts = (pattern.element,)
    elif isinstance(pattern, t.Map):
        parts = (pattern.key, pattern.value)
    elif isinstance(pattern, t.Row):
        parts = tuple(kind for _, kind in pattern.fields)
    return set().union(*(_letters(part) for part in parts))


# What a type variable of a kind makes of a type of another, if coercion is allowed.
_WIDER: dict[str, Callable[[Type], Type | None]] = {
    "X": lambda kind: t.VARCHAR if isinstance(kind, t.Char) else None,
    "Y": lambda kind: t.VARCHAR if isinstance(kind, t.Char) else None,
    "D": lambda kind: as_decimal(kind) if t.is_integer(kind) else None,
    "F": lambda kind: t.DOUBLE if t.is_numeric(kind) else None,
    "M": lambda kind: t.Timestamp(0) if kind == t.DATE else None,
    "Z": lambda kind: t.ZonedTimestamp(kind.precision) if isinstance(kind, t.Timestamp) else None,
}


def _bind(letter: str, kind: Type, bound: dict[str, Type], coercing: Callable[[Type, Type], bool]) -> bool:
    if letter in KINDS and kind != t.UNKNOWN and not KINDS[letter][0](kind):
        widened = _WIDER[letter](kind) if coercing is can_coerce and letter in _WIDER else None
        if widened is None:
            return False
        kind = widened
    have = bound.get(letter)
    common = kind if have is None else common_type(have, kind)
    if common is None or (coercing is not can_coerce and have not in (None, common)):
        return False
    bound[letter] = common
    return True


def same(kind: Type, pattern: Type) -> bool:
    """Whether no coercion is needed: equal, or texts, or timestamps of any precision."""
    return kind == pattern or (isinstance(kind, t.Varchar) and pattern == t.VARCHAR)


def substitute(pattern: Type, bound: dict[str, Type]) -> Type:
    """The pattern with its variables replaced; an unbound one is unknown."""
    if isinstance(pattern, Variable):
        kind = bound.get(pattern.letter, t.UNKNOWN)
        return KINDS[pattern.letter][1] if kind == t.UNKNOWN and pattern.letter in KINDS else kind
    if isinstance(pattern, t.Array):
        return t.Array(substitute(pattern.element, bound))
    if isinstance(pattern, t.Map):
        return t.Map(substitute(pattern.key, bound), substitute(pattern.value, bound))
    if isinstance(pattern, t.Row):
        return t.Row(tuple((name, substitute(kind, bound)) for name, kind in pattern.fields))
    return pattern


def widen(arguments: Sequence[Argument], parameters: Sequence[Type], bound: dict[str, Type]) -> None:
    """Let a lambda's result widen a variable that another argument bound, as the state of ``reduce``."""
    for argument, parameter in zip(arguments, parameters, strict=True):
        if not (isinstance(argument, Lambda) and isinstance(parameter, LambdaType)):
            continue
        letter = parameter.result.letter if isinstance(parameter.result, Variable) else ""
        if letter in bound:
            kinds = [substitute(kind, bound) for kind in parameter.parameters]
            found = argument.apply(*(Expr("NULL", kind) for kind in kinds)).type
            bound[letter] = common_type(bound[letter], found) or bound[letter]


def fit(argument: Argument, parameter: Type, bound: dict[str, Type]) -> Argument:
    """The argument with its parameter's type. A lambda binds the variable of its result."""
    if isinstance(argument, Expr):
        found = coerce(argument, substitute(parameter, bound))
        # An untyped NULL would make DuckDB choose the type of what is built of it.
        return replace(found, sql=f"CAST(NULL AS {t.UNKNOWN.storage})") if found.sql == "NULL" else found
    assert isinstance(parameter, LambdaType)  # noqa: S101 - matches() saw to it
    if isinstance(parameter.result, Variable) and parameter.result.letter not in bound:
        kinds = [substitute(kind, bound) for kind in parameter.parameters]
        bound[parameter.result.letter] = argument.apply(*(Expr("NULL", kind) for kind in kinds)).type
    argument.result = substitute(parameter.result, bound)
    return argument


class _Reader(TypeReader):
    def type(self) -> Type:
        word = self.peek()[1]
        if len(word) == 1 and word.isupper():
            self.take()
            return Variable(word)
        if word == "lambda":
            self.take()
            kinds = self.types()
            return LambdaType(tuple(kinds[:-1]), kinds[-1])
        return super().type()


@cache
def _read(text: str) -> Type:
    return _Reader(text, "(", ")", None).type()


def parse(text: str) -> tuple[str, tuple[Type, ...], Type, bool]:
    """Name, parameters, result and whether the last parameter repeats, of a signature's text."""
    head, _, returns = text.rpartition("->")
    name, _, inside = head.strip().partition("(")
    inside = inside.rstrip()[:-1]
    variadic = inside.endswith("…")
    parts = _split(inside.rstrip("…"))
    return name.strip(), tuple(_read(part) for part in parts), _read(returns.strip()), variadic


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


Table = dict[str, list[Overload]]


def scalar(table: Table, *entries: tuple[str, Emit]) -> None:
    """Add functions: signature, and a template (``{0}`` the first argument, ``{r}`` the result's type) or a rule."""
    for text, emit in entries:
        name, parameters, returns, variadic = parse(text)
        table.setdefault(name, []).append(Overload(parameters, returns, emit, variadic))


def python(table: Table, *entries: tuple[str, Callable[..., object]]) -> None:
    """Add functions computed by Python."""
    for text, function in entries:
        scalar(table, (text, _calling(function)))


def _calling(function: Callable[..., object]) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        arguments = [(item.sql, item.type.storage) for item in call.values()]
        return udf.call(function, call.result.storage, *arguments)

    return emit


def aggregate(table: Table, text: str, emit: Emit, how: Aggregate) -> None:
    """Add an aggregate: emit gives the argument of DuckDB's aggregate ``how.name``."""
    name, parameters, returns, variadic = parse(text)
    table.setdefault(name, []).append(Overload(parameters, returns, emit, variadic, how))


def windowed(table: Table, text: str, emit: Emit) -> None:
    """Add a function that needs OVER."""
    name, parameters, returns, variadic = parse(text)
    table.setdefault(name, []).append(Overload(parameters, returns, emit, variadic, None, True))
