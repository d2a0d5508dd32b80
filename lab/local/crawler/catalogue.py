"""What a crawl writes: tables and partitions, made, changed, deprecated or deleted as the crawler's policies say.

Sources: https://docs.aws.amazon.com/glue/latest/dg/crawler-schema-changes-prevent.html and
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html (SchemaChangePolicy)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab.local.context import Caller

CALLER: Final = Caller("glue.amazonaws.com")
"""Glue does not say for which crawler it assumes a role."""
BATCH: Final = 100
MARK: Final = "UPDATED_BY_CRAWLER"
DEPRECATED: Final = "DEPRECATED_BY_CRAWLER"
INPUT_MEMBERS: Final = (
    "Name",
    "Description",
    "Owner",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "TableType",
    "Parameters",
)


def table_name(prefix: str, last: str) -> str:
    """Return a table's name as crawlers make them: lower case, anything but letters, digits and ``_`` an underscore."""
    return re.sub(r"[^a-z0-9_]", "_", (prefix + last).lower())


@dataclass
class Counts:
    """How many tables a crawl made, changed and deleted."""

    created: int = 0
    updated: int = 0
    deleted: int = 0


class Catalogue:
    """The crawler's database.

    Parameters: client, of Glue under the crawler's role; crawler, its definition; log, told what was done; now, Unix
    seconds.
    """

    def __init__(
        self, client: Any, crawler: Mapping[str, Any], log: Callable[[str], None], now: Callable[[], float]
    ) -> None:
        self._client = client
        self._database: str = crawler["DatabaseName"]
        self._crawler: str = crawler["Name"]
        policy = crawler.get("SchemaChangePolicy", {})
        self._update = policy.get("UpdateBehavior", "UPDATE_IN_DATABASE") == "UPDATE_IN_DATABASE"
        self._delete = policy.get("DeleteBehavior", "DEPRECATE_IN_DATABASE")
        output = crawler.get("_configuration", {}).get("CrawlerOutput", {})
        self._merges = output.get("Tables", {}).get("AddOrUpdateBehavior") == "MergeNewColumns"
        self._inherits = output.get("Partitions", {}).get("AddOrUpdateBehavior") == "InheritFromTable"
        self._log = log
        self._now = now
        self.counts = Counts()

    def own(self) -> list[dict[str, Any]]:
        """Return the tables that this crawler made."""
        pages = self._client.get_paginator("get_tables").paginate(DatabaseName=self._database)
        return [
            table
            for page in pages
            for table in page["TableList"]
            if table.get("Parameters", {}).get(MARK) == self._crawler
        ]

    def put(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Create a table or bring the one that is there up to date, and return it as it is now.

        A table of that name at another place leaves its name alone: a hash of the place is added.
        """
        found = self._found(wanted["Name"])
        place = wanted["StorageDescriptor"]["Location"]
        if found is not None and found["StorageDescriptor"].get("Location") != place:
            digest = hashlib.md5(place.encode(), usedforsecurity=False).hexdigest()
            wanted = {**wanted, "Name": f"{wanted['Name']}_{digest}"}
            found = self._found(wanted["Name"])
        if found is None:
            self._client.create_table(DatabaseName=self._database, TableInput=wanted)
            self.counts.created += 1
            self._log(f"Created table {wanted['Name']} in database {self._database}")
            return wanted
        return self._updated(found, wanted)

    def _found(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._client.get_table(DatabaseName=self._database, Name=name)["Table"]
        except self._client.exceptions.EntityNotFoundException:
            return None
        return found

    def _updated(self, found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
        known = found["StorageDescriptor"]["Columns"]
        columns = wanted["StorageDescriptor"]["Columns"]
        if self._merges:
            names = {column["Name"] for column in known}
            columns = known + [column for column in columns if column["Name"] not in names]
        keys = [key["Name"] for key in found.get("PartitionKeys", [])]
        same = (
            columns == known
            and keys == [key["Name"] for key in wanted.get("PartitionKeys", [])]
            and found["StorageDescriptor"].get("SerdeInfo", {}) == wanted["StorageDescriptor"]["SerdeInfo"]
            and DEPRECATED not in found.get("Parameters", {})
        )
        if same:
            return found
        if not self._update:
            self._log(f"Table {found['Name']} changed; UpdateBehavior LOG leaves it as it is")
            return found
        changed = {**wanted, "StorageDescriptor": {**wanted["StorageDescriptor"], "Columns": columns}}
        self._client.update_table(DatabaseName=self._database, TableInput=changed)
        self.counts.updated += 1
        self._log(f"Updated table {found['Name']} in database {self._database}")
        return changed

    def put_partitions(self, table: dict[str, Any], partitions: Mapping[tuple[str, ...], dict[str, Any]]) -> None:
        """Bring a table's partitions up to date. Parameters: partitions, their storage descriptors by values."""
        name = table["Name"]
        if self._inherits:
            shared = table["StorageDescriptor"]
            partitions = {
                values: {**shared, "Location": descriptor["Location"]} for values, descriptor in partitions.items()
            }
        pages = self._client.get_paginator("get_partitions").paginate(DatabaseName=self._database, TableName=name)
        known = {tuple(item["Values"]): item for page in pages for item in page["Partitions"]}
        new = [_partition(values, item) for values, item in sorted(partitions.items()) if values not in known]
        self._each_batch(new, self._create, name)
        if self._update:
            changed = [
                _partition(values, item)
                for values, item in sorted(partitions.items())
                if values in known and _differ(known[values], item)
            ]
            self._each_batch(changed, self._change, name)
        self._forget_partitions(name, {key: item for key, item in known.items() if key not in partitions})

    def add_partitions(self, table: dict[str, Any], partitions: Mapping[tuple[str, ...], dict[str, Any]]) -> None:
        """Register new partitions and leave the others alone."""
        shared = table["StorageDescriptor"]
        new = [
            _partition(values, {**shared, "Location": item["Location"]} if self._inherits else item)
            for values, item in sorted(partitions.items())
        ]
        self._each_batch(new, self._create, table["Name"])

    def gone(self, table: dict[str, Any]) -> None:
        """Do with a table that has no objects any more what DeleteBehavior says."""
        name = table["Name"]
        if self._delete == "DELETE_FROM_DATABASE":
            self._client.delete_table(DatabaseName=self._database, Name=name)
            self.counts.deleted += 1
            self._log(f"Deleted table {name} from database {self._database}")
        elif self._delete == "DEPRECATE_IN_DATABASE" and DEPRECATED not in table.get("Parameters", {}):
            kept = {member: table[member] for member in INPUT_MEMBERS if member in table}
            kept["Parameters"] = {**table.get("Parameters", {}), DEPRECATED: self._millis()}
            self._client.update_table(DatabaseName=self._database, TableInput=kept)
            self.counts.updated += 1
            self._log(f"Table {name} is marked deprecated: its objects are gone")
        elif self._delete == "LOG":
            self._log(f"The objects of table {name} are gone; DeleteBehavior LOG leaves it as it is")

    def _forget_partitions(self, table: str, lost: Mapping[tuple[str, ...], dict[str, Any]]) -> None:
        if self._delete == "DELETE_FROM_DATABASE":
            for values in lost:
                self._client.delete_partition(
                    DatabaseName=self._database, TableName=table, PartitionValues=list(values)
                )
        elif self._delete == "DEPRECATE_IN_DATABASE":
            marked = [
                {
                    **_partition(values, item["StorageDescriptor"]),
                    "Parameters": {**item.get("Parameters", {}), DEPRECATED: self._millis()},
                }
                for values, item in sorted(lost.items())
                if DEPRECATED not in item.get("Parameters", {})
            ]
            self._each_batch(marked, self._change, table)
        if lost:
            self._log(f"The objects of {len(lost)} partitions of table {table} are gone ({self._delete})")

    def _each_batch(
        self,
        inputs: list[dict[str, Any]],
        act: Callable[[str, list[dict[str, Any]]], dict[str, Any]],
        table: str,
    ) -> None:
        for first in range(0, len(inputs), BATCH):
            errors = act(table, inputs[first : first + BATCH]).get("Errors")
            if errors:
                raise RuntimeError(f"partitions of {table} were not written: {errors[0]}")

    def _create(self, table: str, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.batch_create_partition(
            DatabaseName=self._database, TableName=table, PartitionInputList=inputs
        )
        errors = [
            error
            for error in answer.get("Errors", [])
            if error.get("ErrorDetail", {}).get("ErrorCode") != "AlreadyExistsException"
        ]
        return {"Errors": errors}

    def _change(self, table: str, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        entries = [{"PartitionValueList": item["Values"], "PartitionInput": item} for item in inputs]
        answer: dict[str, Any] = self._client.batch_update_partition(
            DatabaseName=self._database, TableName=table, Entries=entries
        )
        return answer

    def _millis(self) -> str:
        return str(int(self._now() * 1000))


def _partition(values: tuple[str, ...], descriptor: dict[str, Any]) -> dict[str, Any]:
    return {"Values": list(values), "StorageDescriptor": descriptor, "Parameters": {}}


def _differ(known: Mapping[str, Any], descriptor: Mapping[str, Any]) -> bool:
    """Tell whether a partition is not the one that the catalogue knows."""
    members = ("Columns", "Location", "SerdeInfo")
    kept = known["StorageDescriptor"]
    return DEPRECATED in known.get("Parameters", {}) or any(kept.get(name) != descriptor[name] for name in members)
