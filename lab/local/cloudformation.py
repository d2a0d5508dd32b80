"""CloudFormation resource types that we serve ourselves: each is created, updated and deleted by its API's operations.

Custom resources (``Custom::*``) run a Lambda function that is not here: they are refused before anything is made.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lab.local.edge import Call, Service
from lab.local.errors import AwsError
from lab.local.hook import Hook

Properties = dict[str, Any]
Result = tuple[str, dict[str, Any]]

SAM: Final = "AWS::Serverless-2016-10-31"
TEMPLATE_MODULES: Final = ("handlers", "changesets")
"""Modules of MiniStack that look at a template before anything is made; each binds the functions by its own name."""


@dataclass(frozen=True)
class Ask:
    """Calls operations of one service for a stack. services: the served tables by signing name."""

    services: Mapping[str, Service]

    def __call__(self, service: str, operation: str, payload: Properties) -> dict[str, Any]:
        """Return an operation's output.

        Raises: ValueError with the error's name and message, which becomes the resource's failure reason.
        """
        from ministack.core.responses import get_account_id, get_region

        call = Call(service, operation, payload, get_account_id(), get_region(), {})
        try:
            return self.services[service].operations[operation](call)
        except AwsError as error:
            raise ValueError(f"{error.message} (Service: {service}, Error Code: {error.code})") from error


@dataclass(frozen=True)
class ResourceType:
    """One resource type.

    name: the property that names it; replaced_by: properties whose change makes a new resource; create, update, delete:
    act through ``Ask``; attributes: what Fn::GetAtt gives.
    """

    name: str
    replaced_by: tuple[str, ...]
    create: Callable[[Ask, str, Properties], None]
    update: Callable[[Ask, str, Properties], None]
    delete: Callable[[Ask, str, Properties], None]
    attributes: Callable[[Ask, str, Properties], dict[str, Any]] = field(default=lambda _ask, _name, _properties: {})


def tags(properties: Properties) -> list[dict[str, str]]:
    """Return a template's tags as a list of Key and Value."""
    found = properties.get("Tags") or []
    if isinstance(found, dict):
        return [{"Key": key, "Value": value} for key, value in found.items()]
    return list(found)


def handlers(types: Mapping[str, ResourceType], ask: Ask) -> dict[str, dict[str, Any]]:
    """Return the types in the form that MiniStack's table of resource types holds."""
    return {name: _handler(name, kind, ask) for name, kind in types.items()}


def _handler(type_name: str, kind: ResourceType, ask: Ask) -> dict[str, Any]:
    """Return the create, update and delete functions of one type."""

    def create(logical_id: str, properties: Properties, stack: str) -> Result:
        from ministack.services.cloudformation import provisioners

        name = properties.get(kind.name) or provisioners._physical_name(stack, logical_id, max_len=64)
        kind.create(ask, name, properties)
        return name, kind.attributes(ask, name, properties)

    def update(physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Result:
        from ministack.services.cloudformation import provisioners

        if all(old.get(key) == new.get(key) for key in (kind.name, *kind.replaced_by)):
            kind.update(ask, physical_id, new)
            return physical_id, kind.attributes(ask, physical_id, new)
        if new.get(kind.name) == physical_id:
            raise ValueError(
                f"CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {physical_id} and update the stack again. ({type_name})"
            )
        # A name that CloudFormation makes up is made of the stack, the resource and this seed: both stand for a while.
        provisioners._NAME_SEED.set(uuid.uuid4().hex[:8])
        created = create(logical_id, new, stack)
        kind.delete(ask, physical_id, old)
        return created

    def delete(physical_id: str, properties: Properties) -> None:
        kind.delete(ask, physical_id, properties)

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def refuse_custom(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap MiniStack's check of a template: custom resources are refused with the types that nobody serves."""

    def validate_template_support(
        template: dict[str, Any], conditions: dict[str, Any], params: dict[str, Any] | None = None
    ) -> None:
        custom = {
            resource["Type"]
            for resource in (template.get("Resources") or {}).values()
            if isinstance(resource, dict) and str(resource.get("Type", "")).startswith("Custom::")
        }
        if custom:
            raise ValueError(f"Template format error: Unrecognized resource types: [{', '.join(sorted(custom))}]")
        original(template, conditions, params)

    return validate_template_support


def expand_applications(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap MiniStack's transforms: a template whose only SAM type is an application needs no transform."""

    def _apply_transforms(
        template: dict[str, Any],
        provided_params: dict[str, Any] | None = None,
        previous_params: dict[str, Any] | None = None,
    ) -> Any:
        sam = {
            str(resource.get("Type"))
            for resource in (template.get("Resources") or {}).values()
            if isinstance(resource, dict) and str(resource.get("Type", "")).startswith("AWS::Serverless::")
        }
        if template.get("Transform") == SAM and sam == {"AWS::Serverless::Application"}:
            template = {key: value for key, value in template.items() if key != "Transform"}
        return original(template, provided_params, previous_params)

    return _apply_transforms


def blocks(types: Mapping[str, ResourceType]) -> Callable[[Callable[[str], bool]], Callable[[str], bool]]:
    """Return a wrapper that has our types provisioned on a worker thread: their operations call the endpoint."""

    def wrap(original: Callable[[str], bool]) -> Callable[[str], bool]:
        def runs_on_worker_thread(resource_type: str) -> bool:
            return resource_type in types or original(resource_type)

        return runs_on_worker_thread

    return wrap


def hooks(types: Mapping[str, ResourceType]) -> tuple[Hook, ...]:
    """Return the private names that resource types of our own rely on."""
    package = "ministack.services.cloudformation"
    return (
        Hook(f"{package}.provisioners", "_RESOURCE_HANDLERS", None, "our resource types"),
        Hook(f"{package}.provisioners", "_physical_name", None, "names of resources that the template does not name"),
        Hook(f"{package}.provisioners", "_NAME_SEED", None, "another such name for what replaces a resource"),
        Hook(
            f"{package}.stacks",
            "_runs_on_worker_thread",
            ("resource_type",),
            "our types call the endpoint, so they must not run on its event loop",
            blocks(types),
        ),
        *(
            Hook(
                f"{package}.{module}",
                "validate_template_support",
                ("template", "conditions", "params"),
                "custom resources are refused before anything is made",
                refuse_custom,
            )
            for module in TEMPLATE_MODULES
        ),
        *(
            Hook(
                f"{package}.{module}",
                "_apply_transforms",
                ("template", "provided_params", "previous_params"),
                "serverless applications are a resource type here, not a transform",
                expand_applications,
            )
            for module in TEMPLATE_MODULES
        ),
    )
