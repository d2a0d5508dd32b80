"""Every error of the lab by its code, read from the source: what it says, and what to do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab import errors
from lab.device import cures
from lab.target import ROOT

HEAD: Final = """# Errors by their code

Generated from the source by `python -m lab.reference`; do not edit.
The code stands in brackets at the end of an error, and in a notebook below it. It says where the error was found; …
stands for what is known only then. [Troubleshooting](troubleshooting.md) explains the common ones.

## On this computer
"""
BOARD: Final = """
## On the board

The code stands on the serial line and on the screen; [the device's page](device.md) says more.
"""
SOURCES: Final = ROOT / "lab"


@dataclass(frozen=True)
class Raised:
    """One place at which an error is made: its code, its message and its remedy as templates."""

    code: str
    message: str
    remedy: str


def page() -> str:
    """Return the page as Markdown, a heading a code."""
    found: dict[str, list[Raised]] = {}
    for one in raised(SOURCES):
        found.setdefault(one.code, []).append(one)
    lines = [HEAD]
    for code, group in sorted(found.items()):
        lines += [f"### {code}\n", *(f"- {_line(one)}" for one in group), ""]
    lines.append(BOARD)
    for name, cure in cures.CURES.items():
        lines += [f"### {name}\n", cure, ""]
    return "\n".join(lines).rstrip() + "\n"


def raised(folder: Path) -> Iterator[Raised]:
    """Yield every place below a package's folder at which a LabError is made, file by file."""
    for path in sorted(folder.rglob("*.py")):
        module = ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__")
        yield from _within(ast.parse(path.read_text(encoding="utf-8")), module, "")


def _within(node: ast.AST, module: str, function: str) -> Iterator[Raised]:
    for child in ast.iter_child_nodes(node):
        inner = function
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{function}.{child.name}".lstrip(".")
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id == "LabError":
            texts = [template(argument) for argument in child.args] + [""]
            yield Raised(errors.code(module, inner), texts[0], texts[1])
        yield from _within(child, module, inner)


def template(node: ast.expr) -> str:
    """Return a text of the source with … for each value that is filled in when it is needed."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return template(node.left) + template(node.right)
    return "…"


def _line(one: Raised) -> str:
    remedy = "" if one.remedy in ("", "…") else f" → {one.remedy}"
    return " ".join((one.message + remedy).split()).replace("<", "&lt;").replace("*", "\\*")
