"""Check the parameters that a person gives against those that the notebooks have.

papermill only warns about a parameter that it does not know; a misspelt one would run the lesson with the default.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from lab.errors import LabError
from lab.run.catalogue import Notebook
from lab.run.inspection import Parameter, Value, parameters

_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def resolve(books: Sequence[Notebook], given: Mapping[str, str]) -> dict[str, dict[str, Value]]:
    """Return, for each notebook's name, the typed values of those given parameters that it has.

    Parameters: given, texts by name, ``readings`` for every notebook that has it or ``13.readings`` for one of them,
    which goes before the former.
    Raises: LabError when no chosen notebook has a parameter, or when a text is no value of its type.
    """
    declared = [(book, {item.name: item for item in parameters(book.path)}) for book in books]
    values: dict[str, dict[str, Value]] = {book.name: {} for book in books}
    for key in sorted(given, key=lambda key: "." in key):
        number, dot, name = key.rpartition(".")
        meant = [(book, items) for book, items in declared if not dot or number == book.number]
        having = [(book, items[name]) for book, items in meant if name in items]
        if not having:
            raise _unknown(key, sorted({name for _, items in meant for name in items}))
        for book, parameter in having:
            values[book.name][name] = typed(parameter, given[key])
    return values


def typed(parameter: Parameter, text: str) -> Value:
    """Return a text as a value of the parameter's type. Raises: LabError when it is none."""
    try:
        if parameter.type == "bool":
            return _BOOLEANS[text.strip().lower()]
        if parameter.type == "int":
            return int(text)
        if parameter.type == "float":
            return float(text)
    except (ValueError, KeyError):
        raise LabError(
            f"Parameter {parameter.name} takes {_ARTICLE[parameter.type]}, not {text!r}.",
            f"Its default is {parameter.default!r}: {parameter.help}.",
        ) from None
    return text


def _unknown(name: str, known: Sequence[str]) -> LabError:
    near = difflib.get_close_matches(name.rpartition(".")[2], known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known) or 'none'}."
    return LabError(f"No chosen notebook has a parameter {name!r}.", hint)


_ARTICLE = {"bool": "true or false", "int": "a whole number", "float": "a number", "str": "a text"}
