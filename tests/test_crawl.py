import pytest

from lab import crawl
from lab.errors import LabError


class Glue:
    """A crawler that needs a few looks until it is READY."""

    def __init__(self, states, last) -> None:
        self.states, self.last, self.started = list(states), last, 0

    def get_crawler(self, Name):  # noqa: N803 - the API's name
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"Crawler": {"Name": Name, "State": state, "LastCrawl": self.last}}

    def start_crawler(self, Name):  # noqa: N803
        self.started += 1

    def get_crawler_metrics(self, CrawlerNameList):  # noqa: N803
        return {"CrawlerMetricsList": [{"TablesCreated": 1, "TablesUpdated": 2}]}

    def get_table(self, DatabaseName, Name):  # noqa: N803
        columns = [{"Name": "device_id", "Type": "string"}]
        return {
            "Table": {"StorageDescriptor": {"Columns": columns}, "PartitionKeys": [{"Name": "year", "Type": "string"}]}
        }


@pytest.fixture
def glue(monkeypatch):
    def glue(states, last):
        client = Glue(states, last)
        monkeypatch.setattr(crawl.target, "client", lambda service: client)
        monkeypatch.setattr(crawl.time, "sleep", lambda seconds: None)
        return client

    return glue


def test_a_crawl_is_waited_for_also_one_that_runs_already(glue) -> None:
    client = glue(["RUNNING", "READY", "RUNNING", "STOPPING", "READY"], {"Status": "SUCCEEDED"})
    assert crawl.run("c") == crawl.Crawl("SUCCEEDED", 1, 2)
    assert client.started == 1
    assert client.states == ["READY"]


def test_a_failed_crawl_says_the_crawlers_message(glue) -> None:
    glue(["READY"], {"Status": "FAILED", "ErrorMessage": "no permission to read s3://x"})
    with pytest.raises(LabError, match="ended FAILED: no permission to read s3://x"):
        crawl.run("c")


def test_a_crawler_that_never_becomes_ready_is_an_error(glue, monkeypatch) -> None:
    glue(["RUNNING"], {})
    clock = iter(range(0, 100_000, 500))
    monkeypatch.setattr(crawl.time, "monotonic", lambda: next(clock))
    with pytest.raises(LabError, match="not READY after 15 minutes"):
        crawl.run("c")


def test_partition_columns_come_last(glue) -> None:
    glue(["READY"], {})
    assert crawl.columns("db", "t") == [("device_id", "string"), ("year", "string")]
