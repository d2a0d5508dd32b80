"""Tags of workgroups and data catalogs.

Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from typing import Any

from lab.local.athena.records import Records
from lab.local.athena.requests import invalid, page, required
from lab.local.edge import Call, Operation


class Tags:
    """Tags by the resource's ARN."""

    def __init__(self, records: Records, region: str, account: str) -> None:
        self._records = records
        self._prefix = f"arn:aws:athena:{region}:{account}:"

    def operations(self) -> dict[str, Operation]:
        """The operations on tags."""
        return {"TagResource": self._tag, "UntagResource": self._untag, "ListTagsForResource": self._list}

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a ``workgroup`` or ``datacatalog``."""
        return f"{self._prefix}{kind}/{name}"

    def set(self, arn: str, tags: list[dict[str, str]]) -> None:
        """Give a new resource its tags."""
        self._records.put(arn, {"Tags": tags})

    def forget(self, arn: str) -> None:
        """Remove the tags of a resource that is gone."""
        self._records.delete(arn)

    def _of(self, call: Call) -> tuple[str, list[dict[str, str]]]:
        arn = required(call.payload, "ResourceARN")
        found = self._records.get(arn)
        if found is None and not arn.endswith(":workgroup/primary"):
            raise invalid(f"Resource {arn} was not found.")
        return arn, (found or {"Tags": []})["Tags"]

    def _tag(self, call: Call) -> dict[str, Any]:
        arn, tags = self._of(call)
        added = {tag["Key"]: tag.get("Value", "") for tag in [*tags, *required(call.payload, "Tags")]}
        self.set(arn, [{"Key": key, "Value": value} for key, value in added.items()])
        return {}

    def _untag(self, call: Call) -> dict[str, Any]:
        arn, tags = self._of(call)
        removed = set(required(call.payload, "TagKeys"))
        self.set(arn, [tag for tag in tags if tag["Key"] not in removed])
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        _, tags = self._of(call)
        shown, more = page(tags, call.payload, 75)
        return {"Tags": list(shown), **more}
