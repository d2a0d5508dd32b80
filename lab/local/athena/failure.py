"""Why an execution failed, in Trino's words: never DuckDB's, which hold paths of this computer.

Sources: https://docs.aws.amazon.com/athena/latest/APIReference/API_AthenaError.html and
https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
"""

from __future__ import annotations

import logging
import re
from typing import Any, Final

from lab.local.athena.errors import SYSTEM, USER, QueryError, SyntaxProblem
from lab.local.athena.java_text import trino_double
from lab.local.errors import AwsError

logger = logging.getLogger("lab.athena")

_MARKED: Final = re.compile(r"TRINO:([A-Z_]+):(.*?):END", re.S)
_GENERIC_USER_TYPE: Final = 1006
_INTERNAL_TYPE: Final = 1
_OVERFLOW: Final = re.compile(r"Overflow in (addition|subtraction|multiplication) of INT(8|16|32|64) \((.*?)\)")
_OUT_OF_RANGE: Final = re.compile(
    r"Type (?:DOUBLE|FLOAT|INT\d+) with value (\S+) can't be cast .* destination type INT(8|16|32|64)\b"
)
_INTEGERS: Final = {"8": "tinyint", "16": "smallint", "32": "integer", "64": "bigint"}
_RULES: Final = (
    (r"[Dd]ivision by zero|Division by zero", "DIVISION_BY_ZERO", "Division by zero"),
    (r"Out of Memory", "EXCEEDED_LOCAL_MEMORY_LIMIT", "Query exhausted resources at this scale factor"),
    (
        r"More than one row returned by a subquery",
        "SUBQUERY_MULTIPLE_ROWS",
        "Scalar sub-query has returned multiple rows",
    ),
    (
        r"Invalid Input Error: .*(?:CSV|utf-?8)|Invalid unicode",
        "HIVE_BAD_DATA",
        "The data of a table cannot be read as text",
    ),
    (
        r"[Oo]verflow|out of range|Out of Range|Could not cast value .* to DECIMAL",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "A number is out of the range of its type",
    ),
    (
        r"Conversion Error|Could not convert|Could not cast",
        "INVALID_CAST_ARGUMENT",
        "A value cannot be cast to the type asked for",
    ),
    (
        r"Invalid Input Error|invalid input",
        "INVALID_FUNCTION_ARGUMENT",
        "A function was given an argument it does not accept",
    ),
    (
        r"IO Error|No files found",
        "HIVE_CANNOT_OPEN_SPLIT",
        "An object of the table cannot be opened; was it removed meanwhile?",
    ),
)


def query_error(error: BaseException) -> QueryError:
    """The error to report for whatever ended a statement."""
    known = _known(error) or _of_duckdb(error)
    if known is not None:
        return known
    logger.error("A query ended by an error of the engine.", exc_info=error)
    return QueryError(
        "GENERIC_INTERNAL_ERROR", f"The engine failed ({type(error).__name__}); see the log", None, SYSTEM
    )


def _known(error: BaseException) -> QueryError | None:
    """The error of the engine's own layers, or of a service that it asked."""
    if isinstance(error, QueryError):
        return error
    if isinstance(error, SyntaxProblem):
        return QueryError("SYNTAX_ERROR", error.message, error.position)
    if isinstance(error, AwsError):
        return QueryError(error.code, error.message)
    marked = _MARKED.search(str(error))
    if marked:
        return QueryError(marked[1], marked[2])
    if any(kind.__name__ == "ClientError" for kind in type(error).__mro__):
        details = getattr(error, "response", {}).get("Error", {})
        return QueryError(str(details.get("Code", "GENERIC_USER_ERROR")), str(details.get("Message", "")))
    return None


def _of_duckdb(error: BaseException) -> QueryError | None:
    if type(error).__module__.partition(".")[0] not in ("duckdb", "_duckdb"):
        return None
    text = str(error)
    misfit = _OUT_OF_RANGE.search(text)
    if misfit:
        value, bits = misfit.groups()
        shown = value if re.fullmatch("-?[0-9]+", value) else trino_double(float(value))
        if shown == "NaN":
            return QueryError("INVALID_CAST_ARGUMENT", f"Cannot cast double NaN to {_INTEGERS[bits]}")
        return QueryError("NUMERIC_VALUE_OUT_OF_RANGE", f"Out of range for {_INTEGERS[bits]}: {shown}")
    overflow = _OVERFLOW.search(text)
    if overflow:
        operation, bits, operands = overflow.groups()
        return QueryError("NUMERIC_VALUE_OUT_OF_RANGE", f"{_INTEGERS[bits]} {operation} overflow: {operands}")
    for pattern, name, message in _RULES:
        if re.search(pattern, text):
            logger.info("A query failed: %s", text)
            return QueryError(name, message)
    return None


def athena_error(reason: str, category: int = USER) -> dict[str, Any]:
    """The ``AthenaError`` member of an execution's status. Parameters: category, 1 system, 2 user, 3 other."""
    return {
        "ErrorCategory": category,
        "ErrorType": _INTERNAL_TYPE if category == SYSTEM else _GENERIC_USER_TYPE,
        "Retryable": category == SYSTEM,
        "ErrorMessage": reason,
    }
