"""Reads synthesised templates."""

from __future__ import annotations

from typing import Any


def of_type(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the properties of every resource of a type."""
    return [entry.get("Properties", {}) for entry in template["Resources"].values() if entry["Type"] == kind]


def only(template: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the properties of the single resource of a type."""
    (found,) = of_type(template, kind)
    return found


def statements(template: dict[str, Any], service: str) -> list[dict[str, Any]]:
    """Return what the roles of a service may do."""
    found = []
    for role in of_type(template, "AWS::IAM::Role"):
        principals = [entry["Principal"].get("Service") for entry in role["AssumeRolePolicyDocument"]["Statement"]]
        if service in principals:
            found += [
                statement for policy in role.get("Policies", []) for statement in policy["PolicyDocument"]["Statement"]
            ]
    return found


def text(value: Any) -> str:
    """Return a template's value as text: references become their logical id, joins are joined."""
    if isinstance(value, dict):
        if "Ref" in value:
            return f"<{value['Ref']}>"
        if "Fn::GetAtt" in value:
            return f"<{value['Fn::GetAtt'][0]}>"
        if "Fn::Join" in value:
            return "".join(text(part) for part in value["Fn::Join"][1])
    return str(value)


def allowed(found: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return statements as (action, resource)."""
    return {
        (action, text(resource))
        for statement in found
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
