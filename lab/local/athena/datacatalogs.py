"""Data catalogs: Glue under its name AwsDataCatalog, and others that an account registers.

Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_DataCatalog.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from lab.local.athena.records import Records
from lab.local.athena.requests import invalid, page, required
from lab.local.athena.tags import Tags
from lab.local.edge import Call, Operation

AWS: Final = "AwsDataCatalog"
_NAME: Final = re.compile(r"^[a-zA-Z0-9_@-]{1,256}$")
_NEEDED: Final[dict[str, tuple[set[str], ...]]] = {
    "LAMBDA": ({"function"}, {"metadata-function", "record-function"}),
    "GLUE": ({"catalog-id"},),
}


class DataCatalogs:
    """The data catalogs of the account. One of type LAMBDA is the DynamoDB connector, whatever its function."""

    def __init__(self, records: Records, tags: Tags) -> None:
        self._records = records
        self._tags = tags

    def operations(self) -> dict[str, Operation]:
        """The operations on data catalogs."""
        return {
            "CreateDataCatalog": self._create,
            "GetDataCatalog": lambda call: {"DataCatalog": self.get(required(call.payload, "Name"))},
            "ListDataCatalogs": self._list,
            "UpdateDataCatalog": self._update,
            "DeleteDataCatalog": self._delete,
        }

    def find(self, name: str) -> dict[str, Any] | None:
        """The catalog, or None. Queries write names in any case."""
        if name.lower() == AWS.lower():
            return {"Name": AWS, "Type": "GLUE", "Parameters": {}, "Status": "CREATE_COMPLETE"}
        exact = self._records.get(name)
        same = (entry for entry in self._records.all() if entry["Name"].lower() == name.lower())
        return exact or next(same, None)

    def get(self, name: str) -> dict[str, Any]:
        """The catalog. Raises: AwsError InvalidRequestException when there is none."""
        found = self.find(name)
        if found is None:
            raise invalid(f"DataCatalog {name} was not found.")
        return found

    def _create(self, call: Call) -> dict[str, Any]:
        name = required(call.payload, "Name")
        if not _NAME.match(name):
            raise invalid("Value at 'name' failed to satisfy constraint: Member must match [a-zA-Z0-9_@-]{1,256}")
        if self.find(name) is not None:
            raise invalid(f"DataCatalog {name} already exists.")
        document = {
            "Name": name,
            "Type": required(call.payload, "Type"),
            "Description": call.payload.get("Description", ""),
            "Parameters": call.payload.get("Parameters") or {},
            "Status": "CREATE_COMPLETE",
        }
        _check(document)
        self._records.put(name, document)
        self._tags.set(self._tags.arn("datacatalog", name), call.payload.get("Tags") or [])
        return {"DataCatalog": document}

    def _list(self, call: Call) -> dict[str, Any]:
        names = [{"CatalogName": AWS, "Type": "GLUE"}]
        names += [{"CatalogName": entry["Name"], "Type": entry["Type"]} for entry in self._records.all()]
        shown, more = page(names, call.payload, 50)
        return {"DataCatalogsSummary": list(shown), **more}

    def _update(self, call: Call) -> dict[str, Any]:
        known = self.get(required(call.payload, "Name"))
        if known["Name"] == AWS:
            raise invalid(f"{AWS} cannot be changed.")
        names = ("Type", "Description", "Parameters")
        changes: dict[str, Any] = {name: call.payload[name] for name in names if name in call.payload}
        document = {**known, **changes}
        _check(document)
        self._records.put(known["Name"], document)
        return {}

    def _delete(self, call: Call) -> dict[str, Any]:
        known = self.get(required(call.payload, "Name"))
        if known["Name"] == AWS:
            raise invalid(f"{AWS} cannot be deleted.")
        self._records.delete(known["Name"])
        self._tags.forget(self._tags.arn("datacatalog", known["Name"]))
        return {"DataCatalog": known}


def _check(document: dict[str, Any]) -> None:
    """Refuse a catalog that no query could use."""
    kind = document["Type"]
    if kind not in _NEEDED:
        raise invalid(f"Data catalogs of type {kind} are not served by this AWS; GLUE and LAMBDA are.")
    given = set(document["Parameters"])
    if not any(needed <= given for needed in _NEEDED[kind]):
        wanted = " or ".join(" and ".join(sorted(needed)) for needed in _NEEDED[kind])
        raise invalid(f"A data catalog of type {kind} needs the parameters {wanted}.")
