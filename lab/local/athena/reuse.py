"""Result reuse: the answer to the same question, if it is young enough.

Source: https://docs.aws.amazon.com/athena/latest/ug/reusing-query-results.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from lab.local.athena.objects import Objects

_SAME: Final = ("Query", "QueryExecutionContext", "WorkGroup", "ExecutionParameters", "SubstatementType")
DEFAULT_MINUTES: Final = 60


def find(
    record: dict[str, Any], records: Sequence[dict[str, Any]], objects: Objects, now: float
) -> dict[str, Any] | None:
    """The newest execution whose result may be given again, or None. Parameters: now, Unix seconds."""
    execution = record["Execution"]
    wanted = (execution["ResultReuseConfiguration"] or {}).get("ResultReuseByAgeConfiguration") or {}
    if not wanted.get("Enabled") or execution["SubstatementType"] not in ("SELECT", "EXECUTE"):
        return None
    oldest = now - 60 * int(wanted.get("MaxAgeInMinutes", DEFAULT_MINUTES))
    for candidate in reversed(records):
        known = candidate["Execution"]
        if (
            known["Status"]["State"] == "SUCCEEDED"
            and known["Status"]["CompletionDateTime"] >= oldest
            and all(known.get(name) == execution.get(name) for name in _SAME)
            and not known["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"]
            and objects.exists(known["ResultConfiguration"]["OutputLocation"])
        ):
            return candidate
    return None


def copy(record: dict[str, Any], reused: dict[str, Any], now: float) -> dict[str, Any]:
    """The finished record of an execution that gives an earlier result again: nothing is scanned."""
    execution, known = record["Execution"], reused["Execution"]
    statistics = {name: 0 for name in known["Statistics"] if name.endswith("Millis")}
    finished = {
        **execution,
        "ResultConfiguration": known["ResultConfiguration"],
        "Status": {**execution["Status"], "State": "SUCCEEDED", "CompletionDateTime": now},
        "Statistics": {
            **statistics,
            "DataScannedInBytes": 0,
            "ResultReuseInformation": {"ReusedPreviousResult": True},
        },
    }
    return {**record, "Execution": finished, "Columns": reused["Columns"]}
