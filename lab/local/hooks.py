"""Every private name of MiniStack that the embedded AWS relies on: checked at start, listed here, held by a test each.

An upgrade that moves one of them stops the start with that name; nothing falls back to stock behaviour.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lab.local.hook import Hook

RELIED_ON: Final = (
    Hook("ministack.app", "SERVICE_HANDLERS", None, "the edge takes its operations here, after signature and IAM"),
    Hook("ministack.app", "_build_persistence_save_dict", (), "what a snapshot holds"),
    Hook("ministack.app", "_iot_mtls_task", None, "the start waits for the MQTT listener"),
    Hook("ministack.core.persistence", "_json_default", ("obj",), "snapshots in MiniStack's own format"),
    Hook(
        "ministack.core.persistence", "_state_format_version", ("service",), "snapshots that this version reads again"
    ),
    Hook("ministack.core.persistence", "STATE_DIR", None, "where snapshots go"),
    Hook("ministack.core.responses", "request_scope", ("account_id", "region"), "acting outside a request"),
    Hook("ministack.core.responses", "get_account_id", (), "the caller's account"),
    Hook("ministack.core.responses", "get_region", (), "the caller's region"),
    Hook(
        "ministack.core.iam_evaluator",
        "resolve_credential",
        ("access_key_id", "account_id", "session_token"),
        "a query's caller signs what the query asks of S3 and Glue",
    ),
    Hook(
        "ministack.core.iam_evaluator",
        "resolve_principal",
        ("access_key_id", "account_id", "credential"),
        "the policies of a query's caller",
    ),
    Hook("ministack.services.iam", "_access_keys", None, "whether a key that was handed out still stands"),
    Hook("ministack.services.iam", "_roles", None, "trust policies, when a service assumes a role"),
    Hook("ministack.services.sts", "register_session", ("access_key", "session"), "credentials of an assumed role"),
)


class HooksChangedError(RuntimeError):
    """MiniStack is not the one that this lab was written for."""


def install(hooks: Iterable[Hook], version: str) -> None:
    """Check all names, then replace those that are to be replaced.

    Raises: HooksChangedError naming every one that is gone or changed; nothing is replaced then.
    """
    known = tuple(hooks)
    problems = [problem for hook in known if (problem := hook.problem())]
    if problems:
        raise HooksChangedError(f"MiniStack {version} differs from the one known here: " + "; ".join(problems))
    for hook in known:
        hook.install()
