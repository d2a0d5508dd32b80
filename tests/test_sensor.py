import json
from collections import Counter

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from lab import sensor, telemetry
from lab.errors import LabError
from lab.faults import mix
from lab.sensor import Record, paced, put, record

READINGS = telemetry.replay(1200)
RECORDS = [record(reading) for reading in READINGS]


class Stream:
    """A stream that turns records down as it is told."""

    def __init__(self, refuse=lambda request, position: False) -> None:
        self.requests: list[int] = []
        self.taken: list[bytes] = []
        self._refuse = refuse

    def put_records(self, StreamName, Records):  # noqa: N803 - the API's names
        self.requests.append(len(Records))
        results = []
        for position, entry in enumerate(Records):
            if self._refuse(len(self.requests), position):
                results.append({"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"})
            else:
                self.taken.append(entry["Data"])
                results.append({"SequenceNumber": "1", "ShardId": f"shard-{len(entry['PartitionKey']) % 2}"})
        return {"Records": results, "FailedRecordCount": sum("ErrorCode" in result for result in results)}


def test_every_record_is_put_once_in_requests_of_500_at_most() -> None:
    stream = Stream()
    sent = put(stream, "s", RECORDS)
    assert stream.requests == [500, 500, 200]
    assert stream.taken == [item.data for item in RECORDS]
    assert (sent.acknowledged, sent.retried, sum(sent.shards.values())) == (1200, 0, 1200)


def test_records_turned_down_are_sent_again_and_no_other() -> None:
    pauses: list[float] = []
    stream = Stream(lambda request, position: request == 1 and position % 5 == 0)
    sent = put(stream, "s", RECORDS[:500], pauses.append)
    assert stream.requests == [500, 100]
    assert Counter(stream.taken) == Counter(item.data for item in RECORDS[:500])
    assert (sent.acknowledged, sent.retried) == (500, 100)
    assert pauses == [0.1]


def test_pauses_grow_to_a_limit_and_the_attempts_end() -> None:
    pauses: list[float] = []
    with pytest.raises(LabError, match="turned 3 of 3 records down 10 times"):
        put(Stream(lambda request, position: True), "s", RECORDS[:3], pauses.append)
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]


def test_nothing_to_send_makes_no_request() -> None:
    stream = Stream()
    assert put(stream, "s", []).acknowledged == 0
    assert stream.requests == []


def test_as_fast_as_possible_is_in_full_batches() -> None:
    assert [len(batch) for batch in paced(range(1200), 0, lambda: 0.0)] == [500, 500, 200]


@given(st.integers(1, 3000))
def test_a_rate_is_kept_on_average(rate: int) -> None:
    now = [100.0]
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sensor.time, "sleep", wait)
        batches = list(paced(range(4 * rate), rate, lambda: now[0]))
    assert sum(len(batch) for batch in batches) == 4 * rate
    assert now[0] - 100.0 == pytest.approx(4 - len(batches[-1]) / rate, abs=0.51)


def test_the_sensor_command_says_how_many_were_acknowledged(monkeypatch) -> None:
    stream = Stream()
    monkeypatch.setattr(sensor, "stream_of", lambda stage: f"datastreamer-{stage}-stream")
    monkeypatch.setattr(sensor.target, "client", lambda service: stream)
    result = CliRunner().invoke(sensor.sensor_command, ["staging", "--rate", "0", "--count", "750"])
    assert result.output.strip().endswith("750 records acknowledged by datastreamer-staging-stream, 0 sent again")
    assert json.loads(stream.taken[0]) == READINGS[0]


def test_more_than_the_replay_holds_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(sensor, "stream_of", lambda stage: "s")
    result = CliRunner().invoke(sensor.sensor_command, ["staging", "--count", "177616"])
    assert "177,615 readings" in str(result.exception)


def test_random_readings_keep_the_contract_and_repeat_with_their_seed() -> None:
    from itertools import islice

    from lab import contract

    first = list(islice(telemetry.generate(3, 1_700_000_000.0), 500))
    assert first == list(islice(telemetry.generate(3, 1_700_000_000.0), 500))
    assert [problem for reading in first for problem in contract.problems(reading)] == []
    assert len({(reading["device_id"], reading["timestamp"]) for reading in first}) == 500


def test_faults_are_added_and_counted() -> None:
    mixture = mix(READINGS, seed=1, duplicates=40, out_of_range=30, broken=20)
    assert (mixture.good, len(mixture.records)) == (1200, 1290)
    parsed, broken = [], 0
    for item in mixture.records:
        try:
            parsed.append(json.loads(item.data))
        except ValueError:
            broken += 1
    keys = Counter((reading["device_id"], reading["timestamp"]) for reading in parsed)
    wild = [reading for reading in parsed if not -50 < reading["temperature"] < 100]
    assert (broken, len(wild), sum(count - 1 for count in keys.values())) == (20, 30, 40)
    assert mixture == mix(READINGS, seed=1, duplicates=40, out_of_range=30, broken=20)


def test_more_faults_than_readings_are_refused() -> None:
    with pytest.raises(ValueError, match="too few readings"):
        mix(READINGS[:5], seed=1, duplicates=6, out_of_range=0, broken=0)


def test_a_record_is_the_readings_json_under_its_device() -> None:
    assert record(READINGS[0]) == Record("node-1", json.dumps(READINGS[0]).encode())
