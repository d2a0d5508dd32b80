"""Operations that are imported later: made at the first question, once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from lab.local.edge import Call, Operation
from lab.local.later import Later


def test_operations_are_made_when_the_first_is_asked_for_and_only_once() -> None:
    made: list[str] = []

    def make() -> Mapping[str, Operation]:
        made.append("once")
        return {"Echo": lambda call: call.payload}

    later = Later(make)
    assert made == []
    assert later.get("Other") is None
    assert later["Echo"](Call("s", "Echo", {"a": 1}, "1", "r", {})) == {"a": 1}
    assert (list(later), len(later), "Echo" in later, made) == (["Echo"], 1, True, ["once"])


def test_what_stands_at_the_edge_is_imported_without_the_sql_of_athena() -> None:
    code = (
        "import sys; from lab.local import edges, process, guard, firehose, crawler, jobs, schedules; "
        "from lab.local.monitoring import hooks, watch; "
        "print(*sorted({'sqlglot', 'duckdb', 'boto3', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr
