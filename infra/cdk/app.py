"""The CDK application: which stacks exist, in which account and region.

``cdk synth -c stage=staging`` makes the templates of one stage; ``settings.py`` lists every context key.
"""

from __future__ import annotations

import os
import sys

import aws_cdk as cdk
from settings import Settings, SettingsError
from stacks.datastreamer import DatastreamerStack
from stacks.level1 import Level1Stack


def build(app: cdk.App, settings: Settings) -> list[cdk.Stack]:
    """Add every stack to the app and return them, in the order in which a newcomer deploys them."""
    return [Level1Stack(app, "level1", settings), DatastreamerStack(app, "datastreamer", settings)]


def main() -> None:
    """Synthesise; a setting that is wrong ends with one line and status 2."""
    app = cdk.App()
    try:
        settings = Settings.from_context(app.node.try_get_context, os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    build(app, settings)
    app.synth()


if __name__ == "__main__":
    main()
