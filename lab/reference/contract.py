"""The message contract as a page, made from its JSON Schema."""

from __future__ import annotations

import json
from typing import Any, Final

from lab import contract

HEAD: Final = """# The message contract

Generated from `lab/contract.py` by `python -m lab.reference`; do not edit.
Device, twin, simulator, rule, Glue job and table are each tested against it.
"""
EXAMPLE: Final = {"device_id": "wio-terminal-001", "timestamp": 1640995200, "temperature": 25.5, "humidity": 60.2}


def page() -> str:
    """Return the page as Markdown: example, members, topic, the schema itself.

    Raises: ValueError when the example breaks the contract.
    """
    broken = contract.problems(EXAMPLE)
    if broken:
        raise ValueError(f"the example breaks the contract: {broken[0]}")
    rows = "\n".join(_row(name, rule) for name, rule in contract.SCHEMA["properties"].items())
    more = "kept" if contract.SCHEMA["additionalProperties"] else "refused"
    topic = contract.topic("<device_id>")
    return (
        f"{HEAD}\n```json\n{json.dumps(EXAMPLE)}\n```\n\n"
        f"Topic: `{topic}`, where `<device_id>` equals the member. Further members are {more}.\n"
        "`device_id` and `timestamp` together identify a reading: a repeat is the same reading.\n\n"
        f"| member | type | needed | allowed | meaning |\n| --- | --- | --- | --- | --- |\n{rows}\n\n"
        f"## JSON Schema\n\n```json\n{json.dumps(contract.SCHEMA, indent=1)}\n```\n"
    )


def _row(name: str, rule: dict[str, Any]) -> str:
    needed = "yes" if name in contract.SCHEMA["required"] else "no"
    limits = [f"`{rule['pattern']}`"] if "pattern" in rule else []
    limits += [f"from {rule['minimum']} to {rule['maximum']}"] if "minimum" in rule else []
    return f"| `{name}` | {rule['type']} | {needed} | {', '.join(limits) or 'any'} | {rule['description']} |"
