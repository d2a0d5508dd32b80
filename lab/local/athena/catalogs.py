"""The catalogs that a query names: Glue's, the DynamoDB connector's, and which name is which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lab.local.athena import information_schema
from lab.local.athena.caller import Caller
from lab.local.athena.catalog import Table, View
from lab.local.athena.datacatalogs import DataCatalogs
from lab.local.athena.dynamodb import DynamoCatalog
from lab.local.athena.errors import not_supported
from lab.local.athena.glue_catalog import GlueCatalog

GLUE: Final = "awsdatacatalog"
_FUNCTIONS: Final = ("function", "metadata-function", "record-function")


class Catalogs:
    """Implements ``catalog.Catalog`` for one query.

    Parameters: registered, the account's data catalogs; caller, whose permissions count for Glue and for a connector's
    function; connector, makes the clients with which that function would work; account, Glue's owner.
    """

    def __init__(self, registered: DataCatalogs, caller: Caller, connector: Callable[[str], Any], account: str) -> None:
        self._registered = registered
        self.caller = caller
        self._account = account
        self.glue = GlueCatalog(lambda: caller.client("glue"))
        self.dynamodb = DynamoCatalog(lambda: connector("glue"), lambda: connector("dynamodb"))

    def kind(self, catalog: str) -> str | None:
        """``GLUE`` or ``LAMBDA``, or None when there is no such catalog.

        Raises: QueryError for another account's Glue; AwsError when the caller may not invoke the connector's function.
        """
        found = self._registered.find(catalog)
        if found is None:
            return None
        if found["Type"] == "GLUE" and found["Parameters"].get("catalog-id", self._account) != self._account:
            raise not_supported(f"The Glue Data Catalog of account {found['Parameters']['catalog-id']}")
        if found["Type"] == "LAMBDA":
            for function in {found["Parameters"][name] for name in _FUNCTIONS if name in found["Parameters"]}:
                self.caller.require("lambda:InvokeFunction", function)
        return str(found["Type"])

    def table(self, catalog: str, database: str, name: str) -> Table | None:
        """The table, or None."""
        kind = self.kind(catalog)
        if kind == "GLUE" and database == information_schema.SCHEMA:
            return information_schema.table(name)
        if kind == "GLUE":
            return self.glue.table(database, name)
        return self.dynamodb.table(catalog, database, name) if kind else None

    def view(self, catalog: str, database: str, name: str) -> View | None:
        """The view, or None. The connector has none."""
        here = self.kind(catalog) == "GLUE" and database != information_schema.SCHEMA
        return self.glue.view(database, name) if here else None

    def has_catalog(self, catalog: str) -> bool:
        """Whether the catalog exists."""
        return self.kind(catalog) is not None

    def has_database(self, catalog: str, database: str) -> bool:
        """Whether the schema exists."""
        kind = self.kind(catalog)
        if kind == "GLUE":
            return database == information_schema.SCHEMA or self.glue.has_database(database)
        return kind is not None and self.dynamodb.has_database(database)
