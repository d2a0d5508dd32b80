"""The CDK application: which stacks exist, in which account and region.

``cdk synth -c stage=staging`` makes the templates of one stage; ``settings.py`` lists every context key. The key
``stackSettings``, JSON such as ``{"level1": {"stage": "prod"}}``, makes only the stacks that it names, each with
context keys of its own before the common ones.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import aws_cdk as cdk
from settings import Settings, SettingsError, check_keys

STACKS: Final = {"level1": "Level1Stack", "datastreamer": "DatastreamerStack", "level2": "Level2Stack"}
"""The stacks by their ids (each a module of ``stacks``) with their classes, in the order in which a newcomer deploys
them. A module is imported when its stack is asked for: the CDK's own modules take seconds."""


def build(app: cdk.App, environment: Mapping[str, str]) -> None:
    """Add the stacks to the app.

    Parameters: environment, the process's variables.
    Raises: SettingsError when a context key is wrong.
    """
    chosen = app.node.try_get_context("stackSettings")
    own: dict[str, dict[str, Any]] = json.loads(chosen) if chosen else {key: {} for key in STACKS}
    for stack_id, overrides in own.items():
        if stack_id not in STACKS:
            raise SettingsError(f"There is no stack {stack_id!r}; there are {', '.join(STACKS)}.")
        check_keys(overrides)
        context = partial(_context, app, overrides)
        settings = Settings.from_context(context, environment)
        stack_class = getattr(importlib.import_module(f"stacks.{stack_id}"), STACKS[stack_id])
        stack_class(app, stack_id, settings)


def _context(app: cdk.App, overrides: Mapping[str, Any], key: str) -> Any:
    return overrides.get(key, app.node.try_get_context(key))


def main() -> None:
    """Synthesise; a setting that is wrong ends with one line and status 2."""
    app = cdk.App()
    try:
        build(app, os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    app.synth()


if __name__ == "__main__":
    main()
