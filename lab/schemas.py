"""JSON Schema as the lab needs it: import this before anything that imports jsonschema.

At import jsonschema compiles a grammar for a format of URIs that no schema here has: more than a second a notebook.
Source: https://github.com/python-jsonschema/jsonschema, jsonschema/_format.py: what cannot be imported is left out
"""

from __future__ import annotations

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

from jsonschema import Draft202012Validator  # noqa: E402 - after the line above, or it has no effect

__all__ = ["Draft202012Validator"]
