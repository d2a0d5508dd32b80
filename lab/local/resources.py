"""The resource types that the embedded AWS adds to CloudFormation, by service.

Properties are those of the AWS resource and property types reference:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lab.local.cloudformation import Ask, Properties, ResourceType, tags

CONNECTOR: Final = "applications/AthenaDynamoDBConnector"


def _tagged(properties: Properties) -> dict[str, Any]:
    """Return the Tags member of a request when the template has tags."""
    found = tags(properties)
    return {"Tags": found} if found else {}


def _part(properties: Properties, *names: str) -> Properties:
    """Return the named properties that the template sets."""
    return {name: properties[name] for name in names if name in properties}


# Amazon Athena


def _create_work_group(ask: Ask, name: str, properties: Properties) -> None:
    configuration = properties.get("WorkGroupConfiguration", {})
    request = {"Name": name, "Configuration": configuration, **_part(properties, "Description"), **_tagged(properties)}
    ask("athena", "CreateWorkGroup", request)
    if properties.get("State") == "DISABLED":
        ask("athena", "UpdateWorkGroup", {"WorkGroup": name, "State": "DISABLED"})


def _update_work_group(ask: Ask, name: str, properties: Properties) -> None:
    configuration = dict(properties.get("WorkGroupConfiguration", {}))
    if "ResultConfiguration" in configuration:
        configuration["ResultConfigurationUpdates"] = configuration.pop("ResultConfiguration")
    request = {"WorkGroup": name, "ConfigurationUpdates": configuration, "State": properties.get("State", "ENABLED")}
    ask("athena", "UpdateWorkGroup", {**request, **_part(properties, "Description")})


def _delete_work_group(ask: Ask, name: str, properties: Properties) -> None:
    recursive = str(properties.get("RecursiveDeleteOption", False)).lower() == "true"
    ask("athena", "DeleteWorkGroup", {"WorkGroup": name, "RecursiveDeleteOption": recursive})


def _create_data_catalog(ask: Ask, name: str, properties: Properties) -> None:
    request = {"Name": name, **_part(properties, "Type", "Description", "Parameters"), **_tagged(properties)}
    ask("athena", "CreateDataCatalog", request)


def _update_data_catalog(ask: Ask, name: str, properties: Properties) -> None:
    ask("athena", "UpdateDataCatalog", {"Name": name, **_part(properties, "Type", "Description", "Parameters")})


def _delete_data_catalog(ask: Ask, name: str, _properties: Properties) -> None:
    ask("athena", "DeleteDataCatalog", {"Name": name})


# Amazon Data Firehose


def _create_delivery_stream(ask: Ask, name: str, properties: Properties) -> None:
    request = {key: value for key, value in properties.items() if key != "Tags"}
    ask("firehose", "CreateDeliveryStream", {**request, "DeliveryStreamName": name, **_tagged(properties)})


def _update_delivery_stream(ask: Ask, name: str, properties: Properties) -> None:
    described = ask("firehose", "DescribeDeliveryStream", {"DeliveryStreamName": name})["DeliveryStreamDescription"]
    ask(
        "firehose",
        "UpdateDestination",
        {
            "DeliveryStreamName": name,
            "CurrentDeliveryStreamVersionId": described["VersionId"],
            "DestinationId": described["Destinations"][0]["DestinationId"],
            "ExtendedS3DestinationUpdate": properties.get("ExtendedS3DestinationConfiguration", {}),
        },
    )


def _delete_delivery_stream(ask: Ask, name: str, _properties: Properties) -> None:
    ask("firehose", "DeleteDeliveryStream", {"DeliveryStreamName": name, "AllowForceDelete": True})


def _delivery_stream_attributes(ask: Ask, name: str, _properties: Properties) -> dict[str, Any]:
    described = ask("firehose", "DescribeDeliveryStream", {"DeliveryStreamName": name})
    return {"Arn": described["DeliveryStreamDescription"]["DeliveryStreamARN"]}


# Amazon EventBridge Scheduler


def _schedule(operation: str) -> Callable[[Ask, str, Properties], None]:
    def act(ask: Ask, name: str, properties: Properties) -> None:
        ask("scheduler", operation, {**properties, "Name": name})

    return act


def _delete_schedule(ask: Ask, name: str, properties: Properties) -> None:
    ask("scheduler", "DeleteSchedule", {"Name": name, **_part(properties, "GroupName")})


def _schedule_attributes(ask: Ask, name: str, properties: Properties) -> dict[str, Any]:
    return {"Arn": ask("scheduler", "GetSchedule", {"Name": name, **_part(properties, "GroupName")})["Arn"]}


def _create_schedule_group(ask: Ask, name: str, properties: Properties) -> None:
    ask("scheduler", "CreateScheduleGroup", {"Name": name, **_tagged(properties)})


def _unchanged(_ask: Ask, _name: str, _properties: Properties) -> None:
    """Do nothing: only the tags of such a resource can change in place."""


def _delete_schedule_group(ask: Ask, name: str, _properties: Properties) -> None:
    ask("scheduler", "DeleteScheduleGroup", {"Name": name})


# AWS Glue


def _crawler(operation: str) -> Callable[[Ask, str, Properties], None]:
    def act(ask: Ask, name: str, properties: Properties) -> None:
        request = {key: value for key, value in properties.items() if key != "Schedule"}
        expression = (properties.get("Schedule") or {}).get("ScheduleExpression")
        schedule = {"Schedule": expression} if expression else {}
        ask("glue", operation, {"Tags": {}, **request, **schedule, "Name": name})

    return act


def _delete_crawler(ask: Ask, name: str, _properties: Properties) -> None:
    ask("glue", "DeleteCrawler", {"Name": name})


# AWS Serverless Application Repository: the one application whose work is done here


def _create_application(_ask: Ask, _name: str, properties: Properties) -> None:
    """Stand in for the Athena DynamoDB connector, whose scanning the embedded Athena does itself; refuse any other."""
    location = properties.get("Location")
    application = location.get("ApplicationId", "") if isinstance(location, dict) else str(location)
    if not application.endswith(CONNECTOR):
        raise ValueError(f"AWS::Serverless::Application {application} is not served by this AWS.")
    missing = {"AthenaCatalogName", "SpillBucket"} - set(properties.get("Parameters") or {})
    if missing:
        raise ValueError(f"Parameters: [{', '.join(sorted(missing))}] must have values")


TYPES: Final[dict[str, ResourceType]] = {
    "AWS::Athena::WorkGroup": ResourceType("Name", (), _create_work_group, _update_work_group, _delete_work_group),
    "AWS::Athena::DataCatalog": ResourceType(
        "Name", (), _create_data_catalog, _update_data_catalog, _delete_data_catalog
    ),
    "AWS::KinesisFirehose::DeliveryStream": ResourceType(
        "DeliveryStreamName",
        ("DeliveryStreamType", "KinesisStreamSourceConfiguration"),
        _create_delivery_stream,
        _update_delivery_stream,
        _delete_delivery_stream,
        _delivery_stream_attributes,
    ),
    "AWS::Scheduler::Schedule": ResourceType(
        "Name",
        ("GroupName",),
        _schedule("CreateSchedule"),
        _schedule("UpdateSchedule"),
        _delete_schedule,
        _schedule_attributes,
    ),
    "AWS::Scheduler::ScheduleGroup": ResourceType(
        "Name", (), _create_schedule_group, _unchanged, _delete_schedule_group
    ),
    "AWS::Glue::Crawler": ResourceType(
        "Name", (), _crawler("CreateCrawler"), _crawler("UpdateCrawler"), _delete_crawler
    ),
    "AWS::Serverless::Application": ResourceType(
        "ApplicationName", ("Location", "Parameters"), _create_application, _unchanged, _unchanged
    ),
}
