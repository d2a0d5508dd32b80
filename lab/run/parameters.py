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

    Raises: LabError when no chosen notebook has a parameter, or when a text is no value of its type.
    """
    declared = {book.name: {item.name: item for item in parameters(book.path)} for book in books}
    known = sorted({name for items in declared.values() for name in items})
    for name in given:
        if name not in known:
            raise _unknown(name, known)
    return {
        book: {name: typed(items[name], text) for name, text in given.items() if name in items}
        for book, items in declared.items()
    }


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
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known) or 'none'}."
    return LabError(f"No chosen notebook has a parameter {name!r}.", hint)


_ARTICLE = {"bool": "true or false", "int": "a whole number", "float": "a number", "str": "a text"}
