"""All functions of rule SQL that are served, and those that are refused by name because they ask another service."""

from __future__ import annotations

from typing import Final

from lab.local.rules import functions_math, functions_message, functions_text, functions_value
from lab.local.rules.errors import SqlError
from lab.local.rules.function import Function

FUNCTIONS: Final[dict[str, Function]] = {
    **functions_math.FUNCTIONS,
    **functions_text.FUNCTIONS,
    **functions_value.FUNCTIONS,
    **functions_message.FUNCTIONS,
}
NOT_SERVED: Final = frozenset(
    {
        "aws_lambda",
        "get_dynamodb",
        "get_registry_data",
        "get_secret",
        "get_thing_shadow",
        "machinelearning_predict",
    }
)


def function(name: str) -> Function:
    """Return a function by its name in lower case.

    Raises: SqlError for a name that is unknown or not served.
    """
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    if name in NOT_SERVED:
        raise SqlError(f"The function {name} exists in AWS IoT and is not served by this AWS")
    raise SqlError(f"Unknown function: {name}")
