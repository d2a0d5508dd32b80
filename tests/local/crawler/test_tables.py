"""What crawlers write into the catalogue for objects in S3, and what their policies leave alone."""

from __future__ import annotations

import gzip
import time
from typing import Any

from tests.local.crawler.room import MERGE, SECONDS, Room, parquet, refused


def test_when_parquet_lies_in_days_it_is_one_table_with_partitions(room: Room) -> None:
    for day in ("01", "02"):
        room.put(f"lake/readings/year=2024/month=01/day={day}/a.parquet", parquet(device=["d"], t=[1.5]))
    room.put("lake/readings/_SUCCESS", b"x")
    room.put("lake/readings/empty", b"")
    crawler = room.create("lake/readings/", TablePrefix="p_")
    found = room.crawl(crawler)
    table = room.table("p_readings")
    assert room.columns("p_readings") == [("device", "string"), ("t", "double")]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["year", "month", "day"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{room.name}/lake/readings/"
    assert table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert {
        "UPDATED_BY_CRAWLER": crawler,
        "classification": "parquet",
        "compressionType": "none",
        "objectCount": "2",
        "typeOfData": "file",
    }.items() <= table["Parameters"].items()
    partitions = room.partitions("p_readings")
    assert sorted(partitions) == [("2024", "01", "01"), ("2024", "01", "02")]
    place = partitions["2024", "01", "02"]["StorageDescriptor"]["Location"]
    assert place == f"s3://{room.name}/lake/readings/year=2024/month=01/day=02/"
    assert room.counts(crawler) == (1, 0, 0)
    last = found["LastCrawl"]
    assert (last["LogGroup"], last["LogStream"]) == ("/aws-glue/crawlers", crawler)
    events = room.logs.get_log_events(logGroupName=last["LogGroup"], logStreamName=crawler, startFromHead=True)
    lines = [event["message"] for event in events["events"]]
    assert all(line.startswith(f"[{last['MessagePrefix']}] ") for line in lines)
    assert f"[{last['MessagePrefix']}] INFO : Created table p_readings in database {room.name}" in lines


def test_when_a_crawl_finds_nothing_new_it_changes_nothing(room: Room) -> None:
    room.put("a/k=1/x.json", b'{"n": 1}')
    crawler = room.create("a/")
    room.crawl(crawler)
    before = room.table("a"), room.partitions("a")
    room.crawl(crawler)
    assert (room.table("a"), room.partitions("a")) == before
    assert room.counts(crawler) == (0, 0, 0)


def test_when_objects_are_gzipped_json_or_csv_their_tables_say_how_to_read_them(room: Room) -> None:
    room.put("in/lines/a.gz", gzip.compress(b'{"Id": "a", "n": 1}\n{"Id": "b", "n": 2.5}\n'))
    room.put("in/cells/a.csv", b"name;n\nx;1\ny;2\n")
    crawler = room.create("in/")
    room.crawl(crawler)
    assert room.tables() == ["cells", "lines"]
    assert room.columns("lines") == [("id", "string"), ("n", "double")]
    lines, cells = room.table("lines"), room.table("cells")
    assert (lines["Parameters"]["classification"], lines["Parameters"]["compressionType"]) == ("json", "gzip")
    assert lines["StorageDescriptor"]["Compressed"] is True
    assert lines["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"paths": "Id,n"}
    assert room.columns("cells") == [("name", "string"), ("n", "bigint")]
    assert cells["Parameters"]["skip.header.line.count"] == "1"
    assert cells["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"field.delim": ";"}


def test_when_columns_come_and_go_the_table_follows_or_keeps_what_it_had(room: Room) -> None:
    room.put("a/x.json", b'{"one": 1, "two": 2, "three": 3, "four": 4}')
    plain, merging = room.create("a/"), room.create("a/", MERGE, TablePrefix="m_")
    for crawler in (plain, merging):
        room.crawl(crawler)
    room.put("a/x.json", b'{"five": 1, "two": 2.5, "three": 3, "four": 4}')
    for crawler in (plain, merging):
        room.crawl(crawler)
        assert room.counts(crawler) == (0, 1, 0)
    assert room.columns("a") == [("five", "int"), ("two", "double"), ("three", "int"), ("four", "int")]
    kept = [("one", "int"), ("two", "int"), ("three", "int"), ("four", "int"), ("five", "int")]
    assert room.columns("m_a") == kept


def test_when_partitions_inherit_they_get_the_columns_of_the_table_and_else_keep_their_own(room: Room) -> None:
    room.put("a/k=1/x.json", b'{"a": 1, "b": 1, "c": 1, "d": 1}')
    own, inheriting = room.create("a/"), room.create("a/", MERGE, TablePrefix="m_")
    for crawler in (own, inheriting):
        room.crawl(crawler)
    room.put("a/k=2/x.json", b'{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}')
    for crawler in (own, inheriting):
        room.crawl(crawler)
    widths = {
        table: {key[0]: len(item["StorageDescriptor"]["Columns"]) for key, item in room.partitions(table).items()}
        for table in ("a", "m_a")
    }
    assert widths == {"a": {"1": 4, "2": 5}, "m_a": {"1": 5, "2": 5}}


def test_when_updates_are_only_logged_the_table_stays_and_new_partitions_come(room: Room) -> None:
    room.put("a/k=1/x.json", b'{"a": 1, "b": 1, "c": 1, "d": 1}')
    crawler = room.create("a/", SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"})
    room.crawl(crawler)
    room.put("a/k=2/x.json", b'{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}')
    room.remove("a/k=1/x.json")
    room.crawl(crawler)
    assert len(room.columns("a")) == 4
    assert sorted(room.partitions("a")) == [("1",), ("2",)]
    assert room.counts(crawler) == (0, 0, 0)


def test_when_objects_are_gone_tables_and_partitions_are_deprecated_deleted_or_left(room: Room) -> None:
    names = {}
    for behavior, prefix in (("DEPRECATE_IN_DATABASE", "dep_"), ("DELETE_FROM_DATABASE", "del_"), ("LOG", "log_")):
        policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behavior}
        names[prefix] = room.create("in/", TablePrefix=prefix, SchemaChangePolicy=policy)
    first = b'{"a": 1, "b": 1, "c": 1}'
    for key in ("in/one/k=1/x", "in/one/k=2/x"):
        room.put(key, first)
    room.put("in/two/x", b'{"x": 1, "y": 1}')
    for crawler in names.values():
        room.crawl(crawler)
    assert len(room.tables()) == 6
    room.remove("in/one/k=2/x", "in/two/x")
    room.put("in/three/x", b'{"u": 1, "v": 1}')
    for crawler in names.values():
        room.crawl(crawler)
    assert "del_two" not in room.tables()
    assert room.table("dep_two")["Parameters"]["DEPRECATED_BY_CRAWLER"].isdigit()
    assert "DEPRECATED_BY_CRAWLER" not in room.table("log_two")["Parameters"]
    assert sorted(room.partitions("del_one")) == [("1",)]
    assert "DEPRECATED_BY_CRAWLER" in room.partitions("dep_one")["2",]["Parameters"]
    assert room.counts(names["del_"]) == (1, 0, 1)
    assert room.counts(names["dep_"]) == (1, 1, 0)

    room.put("in/two/x", b'{"x": 1, "y": 1}')
    room.put("in/one/k=2/x", first)
    room.crawl(names["dep_"])
    assert "DEPRECATED_BY_CRAWLER" not in room.table("dep_two")["Parameters"]
    assert "DEPRECATED_BY_CRAWLER" not in room.partitions("dep_one")["2",]["Parameters"]


def test_when_only_new_folders_are_crawled_old_ones_are_not_looked_at_again(room: Room) -> None:
    policy = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    recrawl = {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}
    room.put("a/k=1/x.json", b'{"a": 1, "b": 1, "c": 1}')
    crawler = room.create("a/", SchemaChangePolicy=policy, RecrawlPolicy=recrawl)
    room.crawl(crawler)
    room.put("a/k=1/y.json", b"not to be read")
    room.put("a/k=2/x.json", b'{"a": 1, "b": 1, "c": 1}')
    room.crawl(crawler)
    assert sorted(room.partitions("a")) == [("1",), ("2",)]
    assert room.tables() == ["a"]
    refused("InvalidInputException", room.glue.update_crawler, Name=crawler, SchemaChangePolicy={"DeleteBehavior": "DELETE_FROM_DATABASE"})  # fmt: skip  # noqa: E501


def test_when_exclusions_and_samples_are_given_only_what_is_left_counts(room: Room) -> None:
    room.put("a/x.json", b'{"old": 1}')
    room.put("a/skip/x.json", b'{"no": 1}')
    room.put("a/y.json", b'{"new": 1}')
    crawler = room.create("a/", target={"Exclusions": ["skip/**"], "SampleSize": 1})
    room.crawl(crawler)
    assert room.columns("a") in ([("old", "int")], [("new", "int")])
    assert room.tables() == ["a"]


def test_when_tables_are_told_by_level_each_folder_of_it_is_one(room: Room) -> None:
    room.put("in/one/k=1/x", b'{"a": 1}')
    room.put("in/one/k=2/x", b'{"b": 1}')
    room.put("in/two/k=1/x", b'{"a": 1}')
    grouping = {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 3}
    room.crawl(room.create("in/", {"Version": 1.0, "Grouping": grouping}))
    assert room.tables() == ["one", "two"]
    assert room.columns("one") == [("a", "int"), ("b", "int")]
    assert sorted(room.partitions("one")) == [("1",), ("2",)]


def test_when_a_name_is_taken_by_another_place_a_hash_tells_them_apart(room: Room) -> None:
    room.put("in/t/x", b'{"a": 1}')
    room.put("other/t/x", b'{"b": 1}')
    room.crawl(room.create("in/t/"))
    room.crawl(room.create("other/t/"))
    first, second = room.tables()
    assert (first, len(second)) == ("t", len("t_") + 32)
    assert room.columns(second) == [("b", "int")]


def test_when_a_crawled_table_is_asked_by_athena_the_rows_are_there(room: Room, aws: Any) -> None:
    room.put("in/cells/a.csv", b"name,n\nx,1\ny,2\n")
    room.crawl(room.create("in/cells/"))
    athena = aws.client("athena")
    key = athena.start_query_execution(
        QueryString=f"SELECT name, n + 1 FROM {room.name}.cells ORDER BY n",
        ResultConfiguration={"OutputLocation": f"s3://{room.name}/results/"},
    )["QueryExecutionId"]
    end = time.monotonic() + SECONDS
    while athena.get_query_execution(QueryExecutionId=key)["QueryExecution"]["Status"]["State"] in (
        "QUEUED",
        "RUNNING",
    ):
        assert time.monotonic() < end
    rows = athena.get_query_results(QueryExecutionId=key)["ResultSet"]["Rows"][1:]
    assert [[cell["VarCharValue"] for cell in row["Data"]] for row in rows] == [["x", "2"], ["y", "3"]]
