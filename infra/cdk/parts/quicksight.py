"""QuickSight over Level 1: data source, data set and an analysis with the specification's pictures.

QuickSight itself, the user who owns these and QuickSight's access to Athena and the two buckets must be there before.
The data set reads through the DynamoDB connector: plain Athena cannot read a table that was crawled from DynamoDB.
Properties: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_QuickSight.html
"""

from __future__ import annotations

from typing import Any, Final

import aws_cdk as cdk
from constructs import Construct
from settings import Settings

COLUMNS: Final = {"device_id": "STRING", "event_time": "DATETIME", "temperature": "DECIMAL", "humidity": "DECIMAL"}
DATA_SET: Final = "readings"
"""The name by which the analysis calls its data set."""


class Dashboard(Construct):
    """Data source, data set and analysis, owned by one QuickSight user."""

    def __init__(self, scope: Construct, construct_id: str, settings: Settings, table: str) -> None:
        """Parameters: table, the readings as the catalog names them."""
        super().__init__(scope, construct_id)
        names = settings.names
        common = {"AwsAccountId": settings.account, "Name": names.dashboard_title}
        source = self._resource(
            "DataSource",
            settings,
            SOURCE_ACTIONS,
            common
            | {
                "DataSourceId": names.dashboard,
                "Type": "ATHENA",
                "DataSourceParameters": {"AthenaParameters": {"WorkGroup": names.sensor_workgroup}},
                "SslProperties": {"DisableSsl": False},
            },
        )
        data = self._resource(
            "DataSet",
            settings,
            SET_ACTIONS,
            common | {"DataSetId": names.dashboard, "ImportMode": "DIRECT_QUERY"} | _tables(settings, source, table),
        )
        self._resource(
            "Analysis",
            settings,
            ANALYSIS_ACTIONS,
            common | {"AnalysisId": names.dashboard, "Definition": _definition(data.get_att("Arn").to_string())},
        )

    def _resource(
        self, kind: str, settings: Settings, actions: tuple[str, ...], more: dict[str, Any]
    ) -> cdk.CfnResource:
        owner = {
            "Principal": settings.quicksight_principal,
            "Actions": [f"quicksight:{action}" for action in actions],
        }
        return cdk.CfnResource(self, kind, type=f"AWS::QuickSight::{kind}", properties={**more, "Permissions": [owner]})


SOURCE_ACTIONS: Final = (
    "DescribeDataSource",
    "DescribeDataSourcePermissions",
    "PassDataSource",
    "UpdateDataSource",
    "DeleteDataSource",
    "UpdateDataSourcePermissions",
)
SET_ACTIONS: Final = (
    "DescribeDataSet",
    "DescribeDataSetPermissions",
    "PassDataSet",
    "DescribeIngestion",
    "ListIngestions",
    "UpdateDataSet",
    "DeleteDataSet",
    "CreateIngestion",
    "CancelIngestion",
    "UpdateDataSetPermissions",
)
ANALYSIS_ACTIONS: Final = (
    "DescribeAnalysis",
    "DescribeAnalysisPermissions",
    "QueryAnalysis",
    "RestoreAnalysis",
    "UpdateAnalysis",
    "DeleteAnalysis",
    "UpdateAnalysisPermissions",
)


def _tables(settings: Settings, source: cdk.CfnResource, table: str) -> dict[str, Any]:
    """Return the readings as Athena gives them, with the time as a timestamp."""
    names = settings.names
    query = (
        'SELECT device_id, from_unixtime("timestamp") AS event_time, temperature, humidity '  # noqa: S608  (names of ours)
        f'FROM "{names.sensor_catalog}"."{names.sensor_database}"."{table}"'
    )
    return {
        "PhysicalTableMap": {
            DATA_SET: {
                "CustomSql": {
                    "DataSourceArn": source.get_att("Arn").to_string(),
                    "Name": DATA_SET,
                    "SqlQuery": query,
                    "Columns": [{"Name": name, "Type": kind} for name, kind in COLUMNS.items()],
                }
            }
        }
    }


def _definition(data_set_arn: str) -> dict[str, Any]:
    """Return the analysis: temperature and humidity over time, the current values, the latest readings, two filters."""
    return {
        "DataSetIdentifierDeclarations": [{"Identifier": DATA_SET, "DataSetArn": data_set_arn}],
        "Sheets": [
            {
                "SheetId": "readings",
                "Name": "Readings",
                "Visuals": [_line(), _current("temperature"), _current("humidity"), _latest()],
                "FilterControls": [
                    {
                        "Dropdown": {
                            "FilterControlId": "device-control",
                            "Title": "Device",
                            "SourceFilterId": "device",
                            "Type": "MULTI_SELECT",
                        }
                    },
                    {
                        "DateTimePicker": {
                            "FilterControlId": "time-control",
                            "Title": "Time",
                            "SourceFilterId": "time",
                            "Type": "DATE_RANGE",
                        }
                    },
                ],
            }
        ],
        "FilterGroups": [
            _filter_group(
                "device",
                {
                    "CategoryFilter": {
                        "FilterId": "device",
                        "Column": _column("device_id"),
                        "Configuration": {
                            "FilterListConfiguration": {
                                "MatchOperator": "CONTAINS",
                                "SelectAllOptions": "FILTER_ALL_VALUES",
                            }
                        },
                    }
                },
            ),
            _filter_group(
                "time",
                {
                    "TimeRangeFilter": {
                        "FilterId": "time",
                        "Column": _column("event_time"),
                        "NullOption": "NON_NULLS_ONLY",
                        "TimeGranularity": "MINUTE",
                    }
                },
            ),
        ],
    }


def _column(name: str) -> dict[str, str]:
    return {"DataSetIdentifier": DATA_SET, "ColumnName": name}


def _value(visual: str, name: str, aggregation: str) -> dict[str, Any]:
    return {
        "NumericalMeasureField": {
            "FieldId": f"{visual}-{name}",
            "Column": _column(name),
            "AggregationFunction": {"SimpleNumericalAggregation": aggregation},
        }
    }


def _time(visual: str) -> dict[str, Any]:
    return {
        "DateDimensionField": {
            "FieldId": f"{visual}-time",
            "Column": _column("event_time"),
            "DateGranularity": "MINUTE",
        }
    }


def _title(text: str) -> dict[str, Any]:
    return {"Visibility": "VISIBLE", "FormatText": {"PlainText": text}}


def _line() -> dict[str, Any]:
    values = [_value("line", name, "AVERAGE") for name in ("temperature", "humidity")]
    wells = {"LineChartAggregatedFieldWells": {"Category": [_time("line")], "Values": values}}
    return {
        "LineChartVisual": {
            "VisualId": "over-time",
            "Title": _title("Temperature (°C) and humidity (%) over time"),
            "ChartConfiguration": {"FieldWells": wells, "Type": "LINE"},
        }
    }


def _current(name: str) -> dict[str, Any]:
    """Return a key figure; with a time as its trend it shows the latest value, not the average of all."""
    visual = f"current-{name}"
    return {
        "KPIVisual": {
            "VisualId": visual,
            "Title": _title(f"{name.capitalize()} now"),
            "ChartConfiguration": {
                "FieldWells": {"Values": [_value(visual, name, "AVERAGE")], "TrendGroups": [_time(visual)]}
            },
        }
    }


def _latest() -> dict[str, Any]:
    columns = [
        {"FieldId": f"table-{name}", "Column": _column(name)}
        for name in ("device_id", "event_time", "temperature", "humidity")
    ]
    newest = {"FieldSort": {"FieldId": "table-event_time", "Direction": "DESC"}}
    return {
        "TableVisual": {
            "VisualId": "latest",
            "Title": _title("Latest readings"),
            "ChartConfiguration": {
                "FieldWells": {"TableUnaggregatedFieldWells": {"Values": columns}},
                "SortConfiguration": {"RowSort": [newest]},
            },
        }
    }


def _filter_group(name: str, condition: dict[str, Any]) -> dict[str, Any]:
    scope = {"SheetVisualScopingConfigurations": [{"SheetId": "readings", "Scope": "ALL_VISUALS"}]}
    return {
        "FilterGroupId": f"{name}-group",
        "CrossDataset": "ALL_DATASETS",
        "ScopeConfiguration": {"SelectedSheets": scope},
        "Status": "ENABLED",
        "Filters": [condition],
    }
