"""Workgroups: who decides where results go, and how much a query may read.

Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfiguration.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from lab.local.athena.records import Records
from lab.local.athena.requests import invalid, page, required
from lab.local.athena.tags import Tags
from lab.local.edge import Call, Operation

PRIMARY: Final = "primary"
LEAST_CUTOFF_BYTES: Final = 10_000_000
ENGINE: Final = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
_NAME: Final = re.compile(r"^[a-zA-Z0-9._-]{1,128}$")
_UPDATES: Final = (
    "EnforceWorkGroupConfiguration",
    "PublishCloudWatchMetricsEnabled",
    "RequesterPaysEnabled",
    "EngineVersion",
    "BytesScannedCutoffPerQuery",
    "AdditionalConfiguration",
    "ExecutionRole",
    "CustomerContentEncryptionConfiguration",
    "EnableMinimumEncryptionConfiguration",
)
_REMOVALS: Final = {
    "RemoveOutputLocation": "OutputLocation",
    "RemoveEncryptionConfiguration": "EncryptionConfiguration",
    "RemoveExpectedBucketOwner": "ExpectedBucketOwner",
    "RemoveAclConfiguration": "AclConfiguration",
}


class WorkGroups:
    """The workgroups of the account. ``primary`` is always there.

    Parameters: in_use, tells whether a workgroup still holds named queries, prepared statements or executions; empty,
    removes them, for a recursive deletion.
    """

    def __init__(
        self,
        records: Records,
        tags: Tags,
        now: Callable[[], float],
        in_use: Callable[[str], bool],
        empty: Callable[[str], None],
    ) -> None:
        self._records = records
        self._tags = tags
        self._now = now
        self._in_use = in_use
        self._empty = empty
        if records.get(PRIMARY) is None:
            self._store(PRIMARY, "", _configuration({"EnforceWorkGroupConfiguration": False}))

    def operations(self) -> dict[str, Operation]:
        """The operations on workgroups."""
        return {
            "CreateWorkGroup": self._create,
            "GetWorkGroup": lambda call: {"WorkGroup": self.get(required(call.payload, "WorkGroup"))},
            "ListWorkGroups": self._list,
            "UpdateWorkGroup": self._update,
            "DeleteWorkGroup": self._delete,
            "ListEngineVersions": lambda _call: {"EngineVersions": [ENGINE]},
        }

    def get(self, name: str) -> dict[str, Any]:
        """The workgroup. Raises: AwsError InvalidRequestException when there is none."""
        found = self._records.get(name)
        if found is None:
            raise invalid(f"WorkGroup {name} is not found.")
        return found

    def enabled(self, name: str) -> dict[str, Any]:
        """The workgroup, if it takes queries. Raises: AwsError when it is disabled."""
        found = self.get(name)
        if found["State"] == "DISABLED":
            raise invalid(f"WorkGroup {name} is disabled.")
        return found

    def _create(self, call: Call) -> dict[str, Any]:
        name = required(call.payload, "Name")
        if not _NAME.match(name):
            raise invalid("Value at 'name' failed to satisfy constraint: Member must match [a-zA-Z0-9._-]{1,128}")
        if self._records.get(name) is not None:
            raise invalid("WorkGroup is already created.")
        configuration = _configuration(call.payload.get("Configuration") or {})
        self._store(name, call.payload.get("Description", ""), configuration)
        self._tags.set(self._tags.arn("workgroup", name), call.payload.get("Tags") or [])
        return {}

    def _store(self, name: str, description: str, configuration: dict[str, Any]) -> None:
        document = {
            "Name": name,
            "State": "ENABLED",
            "Configuration": configuration,
            "Description": description,
            "CreationTime": self._now(),
        }
        self._records.put(name, document)

    def _list(self, call: Call) -> dict[str, Any]:
        groups, more = page(sorted(self._records.all(), key=lambda group: group["Name"]), call.payload, 50)
        summaries = [
            {
                **{key: group[key] for key in ("Name", "State", "Description", "CreationTime")},
                "EngineVersion": group["Configuration"]["EngineVersion"],
            }
            for group in groups
        ]
        return {"WorkGroups": summaries, **more}

    def _update(self, call: Call) -> dict[str, Any]:
        group = self.get(required(call.payload, "WorkGroup"))
        updates = call.payload.get("ConfigurationUpdates") or {}
        changed = {**group["Configuration"], **{key: updates[key] for key in _UPDATES if key in updates}}
        results = dict(changed.get("ResultConfiguration") or {})
        for key, value in (updates.get("ResultConfigurationUpdates") or {}).items():
            if key not in _REMOVALS:
                results[key] = value
            elif value:
                results.pop(_REMOVALS[key], None)
        changed["ResultConfiguration"] = results
        if updates.get("RemoveBytesScannedCutoffPerQuery"):
            changed.pop("BytesScannedCutoffPerQuery", None)
        state = call.payload.get("State", group["State"])
        if state not in ("ENABLED", "DISABLED"):
            raise invalid(f"Value '{state}' at 'state' failed to satisfy constraint: [ENABLED, DISABLED]")
        described = call.payload.get("Description", group["Description"])
        document = {**group, "Configuration": _configuration(changed), "State": state, "Description": described}
        self._records.put(group["Name"], document)
        return {}

    def _delete(self, call: Call) -> dict[str, Any]:
        name = required(call.payload, "WorkGroup")
        if name == PRIMARY:
            raise invalid("The primary workgroup cannot be deleted.")
        self.get(name)
        if not call.payload.get("RecursiveDeleteOption") and self._in_use(name):
            raise invalid(f"WorkGroup {name} is not empty")
        self._empty(name)
        self._records.delete(name)
        self._tags.forget(self._tags.arn("workgroup", name))
        return {}


def _configuration(given: dict[str, Any]) -> dict[str, Any]:
    """A configuration with Athena's defaults. Raises: AwsError for what cannot be kept."""
    managed = given.get("ManagedQueryResultsConfiguration") or {}
    if managed.get("Enabled"):
        raise invalid("Managed query results are not served by this AWS; give the workgroup an OutputLocation.")
    cutoff = given.get("BytesScannedCutoffPerQuery")
    if cutoff is not None and int(cutoff) < LEAST_CUTOFF_BYTES:
        raise invalid(f"BytesScannedCutoffPerQuery must be at least {LEAST_CUTOFF_BYTES} bytes.")
    results = dict(given.get("ResultConfiguration") or {})
    location = results.get("OutputLocation")
    if location and not re.match(r"^s3://[^/]+", location):
        raise invalid(f"outputLocation is not a valid S3 path: {location}")
    return {
        **given,
        "ResultConfiguration": results,
        "EnforceWorkGroupConfiguration": bool(given.get("EnforceWorkGroupConfiguration", True)),
        "PublishCloudWatchMetricsEnabled": bool(given.get("PublishCloudWatchMetricsEnabled", True)),
        "RequesterPaysEnabled": bool(given.get("RequesterPaysEnabled", False)),
        "EngineVersion": ENGINE,
        "ManagedQueryResultsConfiguration": {"Enabled": False},
    }
