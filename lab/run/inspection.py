"""What parameters a notebook has: read from the text of its ``parameters`` cell, nothing is executed."""

from __future__ import annotations

import ast
import io
import json
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Value = str | int | float | bool | None
TYPES: Final[dict[str, type]] = {"str": str, "int": int, "float": float, "bool": bool}
TAG: Final = "parameters"


@dataclass(frozen=True)
class Parameter:
    """One parameter: its type's name (``str``, ``int``, ``float``, ``bool``), default and meaning."""

    name: str
    type: str
    default: Value
    help: str


def parameters(path: Path) -> list[Parameter]:
    """Return the parameters of a notebook, in their order; an empty list when it has no such cell.

    Only the first cell with the tag counts, as for papermill.
    Raises: ValueError when the cell holds anything but literals, with the line.
    Source: https://papermill.readthedocs.io/en/latest/usage-parameterize.html
    """
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if TAG in cell.get("metadata", {}).get("tags", []):
            return parse("".join(cell["source"]))
    return []


def parse(source: str) -> list[Parameter]:
    """Return the parameters that a cell's text declares: ``name: type = literal  # meaning``."""
    comments = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    return [_parameter(node, comments.get(node.end_lineno or node.lineno, "")) for node in ast.parse(source).body]


def _parameter(node: ast.stmt, meaning: str) -> Parameter:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        declared = ast.unparse(node.annotation)
        value = _literal(node.value)
        if not _fits(value, declared):
            raise ValueError(f"line {node.lineno}: {node.target.id} is not a {declared} literal")
        return Parameter(node.target.id, declared, value, meaning)
    raise ValueError(f"line {node.lineno}: a parameter reads `name: type = literal  # meaning`")


def _fits(value: Any, declared: str) -> bool:
    """Say whether a value is of the declared type; a whole number is also a float, a bool is never a number."""
    if declared == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return declared in TYPES and type(value) is TYPES[declared]


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise ValueError(f"line {node.lineno}: only literals stand in the parameters cell") from error
