"""Date and time functions. Source: https://trino.io/docs/current/functions/datetime.html"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lab.local.athena import cast_text, joda, mysql_format, udf, zone
from lab.local.athena import types as t
from lab.local.athena.cast import cast_sql
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.expr import Expr, failing, text
from lab.local.athena.functions.signature import Call, Table, python, scalar
from lab.local.athena.operators import comparable

TABLE: Table = {}
FARTHEST_ZONE_MINUTES = 14 * 60
_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
_MOMENTS = ("date", "M", "Z")


def _local(value: Expr) -> str:
    """What the clock on the wall shows."""
    return zone.to_local(*zone.parts(value)) if isinstance(value.type, t.ZonedTimestamp) else value.sql


def _part(template: str) -> Callable[[Call], str]:
    return lambda call: f"CAST({template.format(_local(call[0]))} AS BIGINT)"


def _unit(call: Call, allowed: tuple[str, ...] = _UNITS) -> str:
    unit = call[0].constant
    if not isinstance(unit, str):
        raise not_supported("a unit that is not constant", call.position)
    if unit.lower() not in allowed:
        raise QueryError(
            "INVALID_FUNCTION_ARGUMENT", f"'{unit}' is not a valid {call[1].type.name.upper()} field", call.position
        )
    return unit.lower()


def _date_unit(call: Call, kind: t.Type) -> str:
    return _unit(call, _UNITS[4:] if kind == t.DATE else _UNITS)


def _zoned(moment: str, source: Expr) -> str:
    """A local time back as timestamp with time zone, in the zone of the source."""
    name = zone.parts(source)[1]
    return zone.pack(zone.to_utc(moment, name), name)


def _time_trunc(call: Call) -> str:
    return f"CAST(date_trunc('{_unit(call, _UNITS[:4])}', DATE '1970-01-01' + {call[1].sql}) AS TIME)"


def _time_add(call: Call) -> str:
    """A time of day after a step of the clock, which begins anew at midnight."""
    unit, count = _unit(replace(call, arguments=[call[0], call[2]]), _UNITS[:4]), call[1].sql
    move = f"to_microseconds({count} * 1000)" if unit == "millisecond" else f"to_{unit}s({count})"
    return f"CAST(DATE '1970-01-01' + {call[2].sql} + {move} AS TIME)"


def _time_diff(call: Call) -> str:
    a, b = (f"DATE '1970-01-01' + {item.sql}" for item in (call[1], call[2]))
    return f"date_sub('{_unit(call, _UNITS[:4])}', {a}, {b})"


def _trunc(call: Call) -> str:
    unit, value = _date_unit(call, call[1].type), call[1]
    found = f"date_trunc('{unit}', {_local(value)})"
    if value.type == t.DATE:
        return f"CAST({found} AS DATE)"
    return _zoned(found, value) if isinstance(value.type, t.ZonedTimestamp) else found


def _add(call: Call) -> str:
    unit, count, value = _date_unit(call, call[2].type), call[1].sql, call[2]
    moves = {"week": f"to_days(CAST({count} * 7 AS INTEGER))", "quarter": f"to_months(CAST({count} * 3 AS INTEGER))"}
    moves["millisecond"] = f"to_microseconds({count} * 1000)"
    for name in ("day", "month", "year"):
        moves[name] = f"to_{name}s(CAST({count} AS INTEGER))"
    for name in ("second", "minute", "hour"):
        moves[name] = f"to_{name}s({count})"
    move = moves[unit]
    if value.type == t.DATE:
        return f"CAST({value.sql} + {move} AS DATE)"
    if not isinstance(value.type, t.ZonedTimestamp):
        return f"({value.sql} + {move})"
    instant, name = zone.parts(value)
    if unit in ("millisecond", "second", "minute", "hour"):
        return zone.pack(f"({instant} + {move})", name)
    return _zoned(f"({_local(value)} + {move})", value)


def _diff(call: Call) -> str:
    unit = _date_unit(call, call[1].type)
    by_clock = unit in ("millisecond", "second", "minute", "hour")
    a, b = ((comparable(item) if by_clock else _local(item)) for item in (call[1], call[2]))
    return f"date_sub('{unit}', CAST({a} AS TIMESTAMP), CAST({b} AS TIMESTAMP))"


def _at_zone(call: Call) -> str:
    return zone.pack(zone.parts(call[0])[0], _zone_name(call[1]))


def _zone_name(value: Expr) -> str:
    if isinstance(value.constant, str):
        try:
            return text(str(cast_text.parse_zoned(f"2000-01-01 00:00 {value.constant}")["z"]))
        except ValueError:
            raise QueryError(
                "INVALID_FUNCTION_ARGUMENT", f"'{value.constant}' is not a valid time zone", value.position
            ) from None
    return udf.call(zone_name, "VARCHAR", (value.sql, "VARCHAR"))


def zone_name(name: str) -> str:
    """The zone's name as it is shown. Raises ValueError when there is none."""
    try:
        return str(cast_text.parse_zoned(f"2000-01-01 00:00 {name}")["z"])
    except ValueError:
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:'{name}' is not a valid time zone:END") from None


def _with_zone(call: Call) -> str:
    name = _zone_name(call[1])
    return zone.pack(zone.to_utc(call[0].sql, name), name)


def _from_unix(call: Call) -> str:
    seconds = call[0].sql
    moment = f"make_timestamp(CAST(round({seconds} * 1000) AS BIGINT) * 1000)"
    if len(call) == 2:
        return zone.pack(moment, _zone_name(call[1]))
    if len(call) == 3:
        hours, minutes = call[1].constant, call[2].constant
        if not (isinstance(hours, int) and isinstance(minutes, int)):
            raise not_supported("from_unixtime with an offset that is not constant", call.position)
        total = hours * 60 + minutes
        if abs(total) > FARTHEST_ZONE_MINUTES:
            raise QueryError("INVALID_FUNCTION_ARGUMENT", f"Invalid offset minutes {total}", call.position)
        name = f"{'-' if total < 0 else '+'}{abs(total) // 60:02}:{abs(total) % 60:02}"
        return zone.pack(moment, text(name if total else "UTC"))
    return zone.pack(moment, zone.UTC)


def _from_nanos(call: Call) -> str:
    nanos = call[0].sql
    fails = failing("NOT_SUPPORTED", "'a timestamp of more than six fraction digits'", call.result.storage)
    found = zone.pack(f"make_timestamp({nanos} // 1000)", zone.UTC)
    return f"CASE WHEN {nanos} % 1000 <> 0 THEN {fails} ELSE {found} END"


def _to_unix(call: Call) -> str:
    return f"(CAST(epoch_us({comparable(call[0])}) AS DOUBLE) / 1e6)"


def _iso(call: Call) -> str:
    kind = call[0].type
    if kind == t.DATE:
        return f"CAST({call[0].sql} AS VARCHAR)"
    digits = getattr(kind, "precision", 3)
    fraction = {0: "", 3: ".%g", 6: ".%f"}.get(digits)
    if fraction is None:
        raise not_supported(f"to_iso8601 of {kind.name}", call.position)
    shown = f"strftime({_local(call[0])}, '%Y-%m-%dT%H:%M:%S{fraction}')"
    if not isinstance(kind, t.ZonedTimestamp):
        return shown
    instant, name = zone.parts(call[0])
    minutes = zone.offset_minutes(instant, name)
    return f"({shown} || {udf.call(iso_offset, 'VARCHAR', (minutes, 'BIGINT'))})"


def iso_offset(minutes: int) -> str:
    """``Z`` or ``+hh:mm``."""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else "Z"


def _last_day(call: Call) -> str:
    return f"last_day(CAST({_local(call[0])} AS DATE))"


def _as_date(call: Call) -> str:
    return cast_sql(call[0], t.DATE).sql


def _date_format(call: Call) -> str:
    moment = f"CAST({_local(call[0])} AS TIMESTAMP)"
    native = mysql_format.strftime(call[1].constant) if isinstance(call[1].constant, str) else None
    if native is not None:
        return f"strftime({moment}, {text(native)})"
    return udf.call(mysql_format.date_format, "VARCHAR", (moment, "TIMESTAMP"), (call[1].sql, "VARCHAR"))


def _joda_format(call: Call) -> str:
    moment, name, minutes = f"CAST({_local(call[0])} AS TIMESTAMP)", zone.UTC, "CAST(0 AS BIGINT)"
    native = joda.strftime(call[1].constant) if isinstance(call[1].constant, str) else None
    if native is not None:
        return f"strftime({moment}, {text(native)})"
    if isinstance(call[0].type, t.ZonedTimestamp):
        instant, name = zone.parts(call[0])
        minutes = zone.offset_minutes(instant, name)
    arguments = ((moment, "TIMESTAMP"), (minutes, "BIGINT"), (name, "VARCHAR"), (call[1].sql, "VARCHAR"))
    return udf.call(joda.format_datetime, "VARCHAR", *arguments)


def _timezone(call: Call) -> str:
    return zone.parts(call[0])[1]


def _offset(template: str) -> Callable[[Call], str]:
    return lambda call: template.format(zone.offset_minutes(*zone.parts(call[0])))


def human_readable_seconds(value: float) -> str:
    """Weeks, days, hours, minutes and seconds in words."""
    rest = round(abs(value))
    found: list[str] = []
    for name, size in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, size)
        if count or (name == "second" and not found):
            found.append(f"{count} {name}{'' if count == 1 else 's'}")
    return ", ".join(found)


_PARTS = {
    "year": "year({0})",
    "quarter": "quarter({0})",
    "month": "month({0})",
    "week": "week({0})",
    "week_of_year": "week({0})",
    "year_of_week": "isoyear({0})",
    "yow": "isoyear({0})",
    "day": "day({0})",
    "day_of_month": "day({0})",
    "day_of_week": "isodow({0})",
    "dow": "isodow({0})",
    "day_of_year": "dayofyear({0})",
    "doy": "dayofyear({0})",
}
_CLOCK = {
    "hour": "hour({0})",
    "minute": "minute({0})",
    "second": "second({0})",
    "millisecond": "(millisecond({0}) % 1000)",
}
_DAY_SECOND_PARTS = {"day": 86_400_000, "hour": 3_600_000, "minute": 60_000, "second": 1000, "millisecond": 1}
_WRAPS = {"hour": 24, "minute": 60, "second": 60, "millisecond": 1000}

for _name, _template in _PARTS.items():
    scalar(TABLE, *((f"{_name}({kind}) -> bigint", _part(_template)) for kind in _MOMENTS))
for _name, _template in _CLOCK.items():
    scalar(TABLE, *((f"{_name}({kind}) -> bigint", _part(_template)) for kind in ("M", "Z", "C")))
for _name, _size in _DAY_SECOND_PARTS.items():
    _wrap = f" % {_WRAPS[_name]}" if _name in _WRAPS else ""
    scalar(TABLE, (f"{_name}(interval day to second) -> bigint", f"(({{0}} // {_size}){_wrap})"))
scalar(
    TABLE,
    ("year(interval year to month) -> bigint", "CAST({0} // 12 AS BIGINT)"),
    ("month(interval year to month) -> bigint", "CAST({0} % 12 AS BIGINT)"),
    *((f"date_trunc(varchar, {kind}) -> {kind}", _trunc) for kind in _MOMENTS),
    *((f"date_add(varchar, bigint, {kind}) -> {kind}", _add) for kind in _MOMENTS),
    *((f"date_diff(varchar, {kind}, {kind}) -> bigint", _diff) for kind in _MOMENTS),
    *((f"last_day_of_month({kind}) -> date", _last_day) for kind in _MOMENTS),
    *((f"to_iso8601({kind}) -> varchar", _iso) for kind in _MOMENTS),
    *((f"date_format({kind}, varchar) -> varchar", _date_format) for kind in _MOMENTS),
    *((f"format_datetime({kind}, varchar) -> varchar", _joda_format) for kind in _MOMENTS),
    *((f"date({kind}) -> date", _as_date) for kind in ("varchar", *_MOMENTS)),
    *((f"to_unixtime({kind}) -> double", _to_unix) for kind in ("M", "Z")),
    ("at_timezone(Z, varchar) -> Z", _at_zone),
    ("with_timezone(timestamp(3), varchar) -> timestamp(3) with time zone", _with_zone),
    ("timezone(Z) -> varchar", _timezone),
    ("timezone_hour(Z) -> bigint", _offset("({} // 60)")),
    ("timezone_minute(Z) -> bigint", _offset("({} % 60)")),
    ("date_trunc(varchar, C) -> C", _time_trunc),
    ("date_add(varchar, bigint, C) -> C", _time_add),
    ("date_diff(varchar, C, C) -> bigint", _time_diff),
    ("from_unixtime(double) -> timestamp(3) with time zone", _from_unix),
    ("from_unixtime(double, varchar) -> timestamp(3) with time zone", _from_unix),
    ("from_unixtime(double, bigint, bigint) -> timestamp(3) with time zone", _from_unix),
    ("from_unixtime_nanos(bigint) -> timestamp(6) with time zone", _from_nanos),
    ("to_milliseconds(interval day to second) -> bigint", "{0}"),
    ("current_timezone() -> varchar", "'UTC'"),
)
python(
    TABLE,
    ("from_iso8601_date(varchar) -> date", joda.from_iso8601_date),
    ("from_iso8601_timestamp(varchar) -> timestamp(3) with time zone", joda.from_iso8601_timestamp),
    ("date_parse(varchar, varchar) -> timestamp(3)", mysql_format.date_parse),
    ("parse_datetime(varchar, varchar) -> timestamp(3) with time zone", joda.parse_datetime),
    ("parse_duration(varchar) -> interval day to second", joda.parse_duration),
    ("human_readable_seconds(double) -> varchar", human_readable_seconds),
)
