"""What all stacks have in common: name, place, protection, tags, the settings they remember, outputs."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from constructs import Construct
from settings import Settings


class StageStack(cdk.Stack):
    """One stage of one project. A protected stage cannot be deleted by mistake.

    Every resource that can carry tags carries PROJECT, STAGE and, in a class, PREFIX: by them leftovers are found.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        settings: Settings,
        *,
        name: str,
        project: str,
        description: str,
        keys: tuple[str, ...],
    ) -> None:
        """Parameters: name, in CloudFormation; project, value of the tag; keys, the settings it depends on."""
        tags = {"PROJECT": project, "STAGE": settings.stage}
        if settings.prefix:
            tags["PREFIX"] = settings.prefix
        super().__init__(
            scope,
            construct_id,
            stack_name=name,
            env=cdk.Environment(account=settings.account, region=settings.region),
            description=description,
            termination_protection=settings.protected,
            tags=tags,
        )
        for key, value in tags.items():
            cdk.Tags.of(self).add(key, value)
        self.template_options.metadata = {"Settings": settings.given_of(keys)}

    def put_out(self, **values: Any) -> None:
        """Add outputs by their keys."""
        for key, value in values.items():
            cdk.CfnOutput(self, key, value=value)
