"""The board's sensor drivers over a bus of chips that behave as their datasheets say (tests/device/chips.py)."""

from __future__ import annotations

import ctypes as c
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.device.compiler import FIRMWARE, LANGUAGE, SHARED, SUFFIX, WARNINGS, compiler, run, sources
from tests.device.chips import Bme280, Bus, Dht20, Sht3x, Sht4x
from tests.firmware.probe import CLIMATE

STAND_IN = Path(__file__).with_name("arduino")
ON_WRITE = c.CFUNCTYPE(c.c_int, c.c_uint32, c.c_uint8, c.POINTER(c.c_uint8), c.c_size_t)
ON_READ = c.CFUNCTYPE(c.c_size_t, c.c_uint32, c.c_uint8, c.POINTER(c.c_uint8), c.c_size_t)
SIMULATED, DAWN_S = "simulated", 0


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> c.CDLL:
    target = tmp_path_factory.mktemp("sensors") / f"sensors{SUFFIX}"
    board = [FIRMWARE / "src" / "board" / name for name in ("sensors.cpp", "i2c.cpp")]
    files = [*board, *sources("src/core"), STAND_IN / "bus.cpp"]
    places = ["-isystem", str(STAND_IN), f"-I{FIRMWARE}/src/board"]
    options = [option for option in SHARED if option != "-fvisibility=hidden"]
    run([*compiler(), *LANGUAGE, *WARNINGS, *options, *places, *map(str, files)], target)
    loaded = c.CDLL(str(target))
    loaded.sensors_name.restype = c.c_char_p
    return loaded


class Sensors:
    """A board's sensors on a bus. One board at a time: the library has no memory for two."""

    def __init__(self, library: c.CDLL, bus: Bus) -> None:
        self.bus = bus
        self._library = library
        # kept, because the library calls them later
        self._write = ON_WRITE(lambda now, to, data, count: self.bus.write(now, to, bytes(data[:count])))
        self._read = ON_READ(self._on_read)

    def _on_read(self, now: int, address: int, out: Any, count: int) -> int:
        data = self.bus.read(now, address, count)
        for index, byte in enumerate(data):
            out[index] = byte
        return len(data)

    def find(self) -> str:
        self._library.sensors_begin(self._write, self._read)
        return self.name()

    def find_again(self) -> str:
        self._library.sensors_find_again()
        return self.name()

    def name(self) -> str:
        return self._library.sensors_name().decode()

    def simulated(self) -> bool:
        return bool(self._library.sensors_simulated())

    def measure(self, second: int = DAWN_S) -> tuple[float, float] | None:
        out = c.create_string_buffer(12)
        self._library.sensors_measure(second, out)
        temperature, humidity, valid = CLIMATE.unpack_from(out.raw)
        return (temperature, humidity) if valid else None


@pytest.fixture
def plugged(library: c.CDLL) -> Callable[..., Sensors]:
    def plug(**chips: Any) -> Sensors:
        return Sensors(library, Bus({int(name.removeprefix("at_"), 16): chip for name, chip in chips.items()}))

    return plug


@pytest.mark.parametrize(
    ("chips", "name", "climate"),
    [
        # -45 + 175 x 0x6666/65535 = 25 degrees; -6 + 125 x 0x72B0/65535 = 50 % (SHT4x datasheet, 4.6)
        ({"at_44": Sht4x(0x6666, 0x72B0)}, "SHT4x", (25.0, 50.0)),
        ({"at_45": Sht4x(0, 0)}, "SHT4x", (-45.0, 0.0)),  # below 0 % is cut (4.6)
        # the same scale of temperature; 100 x 0x8000/65535 = 50 % (SHT3x-DIS datasheet, 4.13)
        ({"at_44": Sht3x(0x6666, 0x8000)}, "SHT3x", (25.0, 50.0)),
        ({"at_45": Sht3x(0xFFFF, 0xFFFF)}, "SHT3x", (130.0, 100.0)),
        # 0x60000/2^20 x 200 - 50 = 25 degrees; 0x80000/2^20 = 50 % (DHT20 datasheet, 8)
        ({"at_38": Dht20(0x60000, 0x80000)}, "DHT20", (25.0, 50.0)),
        # raw 519888 -> 25.08 degrees: Bosch's worked example; -7.86: the formula in floating point (8.1)
        ({"at_76": Bme280()}, "BME280", (25.08, None)),
        ({"at_77": Bme280(raw_temperature=415_148)}, "BME280", (-7.86, None)),
    ],
)
def test_each_sensor_is_found_by_itself_and_read_by_its_datasheet(plugged, chips, name, climate) -> None:
    sensors = plugged(**chips)
    assert sensors.find() == name
    assert not sensors.simulated()
    measured = sensors.measure()
    assert measured is not None
    assert measured[0] == pytest.approx(climate[0], abs=0.01)
    if climate[1] is not None:
        assert measured[1] == pytest.approx(climate[1], abs=0.01)
    assert sensors.measure() == measured  # and again


def test_the_humidity_of_a_bme280_is_that_of_the_datasheets_formula(plugged) -> None:
    chip = Bme280()
    sensors = plugged(at_76=chip)
    sensors.find()
    fine = (chip.raw_temperature / 16384 - 27504 / 1024) * 26435 + (
        chip.raw_temperature / 131072 - 27504 / 8192
    ) ** 2 * -1000
    h = fine - 76800
    h = (28_000 - (313 * 64 + 50 / 16384 * h)) * (370 / 65536 * (1 + 30 / 67108864 * h))
    assert sensors.measure()[1] == pytest.approx(h * (1 - 75 * h / 524288), abs=0.05)


def test_without_a_sensor_the_day_is_simulated_and_marked(plugged) -> None:
    sensors = plugged()
    assert sensors.find() == SIMULATED
    assert sensors.simulated()
    night, noon = sensors.measure(0), sensors.measure(43_200)
    assert night == pytest.approx((21, 60), abs=0.11)
    assert noon == pytest.approx((25, 45), abs=0.11)


def test_with_several_sensors_the_most_accurate_is_taken(plugged) -> None:
    order = {0x44: Sht4x(), 0x45: Sht3x(), 0x76: Bme280(), 0x77: Bme280(), 0x38: Dht20()}
    sensors = plugged(**{f"at_{address:x}": chip for address, chip in order.items()})
    found = [sensors.find()]
    for address in order:
        del sensors.bus.chips[address]
        found.append(sensors.find_again())
    assert found == ["SHT4x", "SHT3x", "BME280", "BME280", "DHT20", "DHT20"]  # the last one is gone, not simulated
    assert not sensors.simulated()
    assert sensors.measure() is None


def test_a_sht3x_is_not_taken_for_a_sht4x_nor_asked_in_its_language(plugged) -> None:
    three, four = Sht3x(), Sht4x()
    assert plugged(at_44=three).find() == "SHT3x"
    sensors = plugged(at_44=four)
    sensors.find()
    sensors.measure()
    assert four.asked == [b"\x89", b"\xfd"]


@pytest.mark.parametrize("chip", [Bme280(chip_id=0x58), Bme280(chip_id=0), Bme280(unreadable=frozenset({0xD0}))])
def test_a_chip_that_is_no_bme280_is_left_alone(plugged, chip) -> None:
    assert plugged(at_76=chip).find() == SIMULATED


@pytest.mark.parametrize("register", [0x88, 0xA1, 0xE1])
def test_a_bme280_that_keeps_its_calibration_to_itself_is_not_used(plugged, register: int) -> None:
    assert plugged(at_76=Bme280(unreadable=frozenset({register}))).find() == SIMULATED


def test_a_dht20_whose_registers_are_lost_is_initialised_as_its_datasheet_asks(plugged) -> None:
    chip = Dht20(restored={0x1C})
    sensors = plugged(at_38=chip)
    assert sensors.find() == "DHT20"
    assert chip.restored == {0x1B, 0x1C, 0x1E}
    assert sensors.measure() == pytest.approx((25, 50), abs=0.01)


class Deaf:
    """Acknowledges its address and nothing else."""

    def write(self, now_ms: int, data: bytes) -> bool:
        return not data

    def read(self, now_ms: int, count: int) -> bytes | None:
        return None


@pytest.mark.parametrize("address", ["at_44", "at_45", "at_76", "at_77", "at_38"])
def test_a_stranger_at_a_sensors_address_is_not_taken_for_it(plugged, address: str) -> None:
    assert plugged(**{address: Deaf()}).find() == SIMULATED


@pytest.mark.parametrize("position", range(6))
@pytest.mark.parametrize("kind", [Sht4x, Sht3x])
def test_one_wrong_bit_makes_a_measurement_invalid(plugged, kind: type, position: int) -> None:
    chip = kind()
    sensors = plugged(at_44=chip)
    sensors.find()
    chip.damage = bytes(position) + b"\x10"
    assert sensors.measure() is None
    chip.damage = b""
    assert sensors.measure() is not None


class Noise:
    """Acknowledges everything and answers at random, now and then with too little."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def write(self, now_ms: int, data: bytes) -> bool:
        return self._chance.random() < 0.9

    def read(self, now_ms: int, count: int) -> bytes | None:
        return self._chance.randbytes(self._chance.choice([count, count, count, count - 1, 0]))


@pytest.mark.parametrize("seed", range(20))
def test_noise_on_the_bus_is_no_measurement(plugged, seed: int) -> None:
    sensors = plugged(**{f"at_{address:x}": Noise(seed + address) for address in (0x44, 0x45, 0x76, 0x77, 0x38)})
    sensors.find()
    for _ in range(50):
        sensors.find_again()
        measured = sensors.measure()
        if not sensors.simulated() and measured is not None:  # a checksum of eight bits is right once in 256 times
            assert -50 <= measured[0] <= 200
            assert 0 <= measured[1] <= 100


@pytest.mark.parametrize(("address", "chip"), [(0x44, Sht4x()), (0x44, Sht3x()), (0x38, Dht20()), (0x76, Bme280())])
def test_an_answer_that_is_cut_short_is_no_measurement(plugged, monkeypatch, address: int, chip: Any) -> None:
    sensors = plugged(**{f"at_{address:x}": chip})
    sensors.find()
    whole = type(chip).read
    monkeypatch.setattr(chip, "read", lambda now, count: (whole(chip, now, count) or b"")[: count - 1])
    assert sensors.measure() is None


def test_a_wrong_checksum_of_a_dht20_is_invalid(plugged) -> None:
    chip = Dht20()
    sensors = plugged(at_38=chip)
    sensors.find()
    chip.damage = 1
    assert sensors.measure() is None
    chip.damage = 0
    assert sensors.measure() is not None


@pytest.mark.parametrize(
    ("address", "chip"), [(0x44, Sht4x()), (0x45, Sht3x()), (0x38, Dht20()), (0x76, Bme280())], ids=str
)
def test_a_sensor_that_is_unplugged_is_missed_and_goes_on_when_it_is_back(plugged, address: int, chip: Any) -> None:
    sensors = plugged(**{f"at_{address:x}": chip})
    name = sensors.find()
    before = sensors.measure()
    del sensors.bus.chips[address]
    assert sensors.measure() is None
    assert sensors.find_again() == name
    assert not sensors.simulated()
    sensors.bus.chips[address] = chip
    assert sensors.measure() == before


def test_a_sensor_exchanged_for_another_is_found_again(plugged) -> None:
    sensors = plugged(at_44=Sht4x())
    sensors.find()
    sensors.bus.chips = {0x76: Bme280()}
    assert sensors.measure() is None
    assert sensors.find_again() == "BME280"
    assert sensors.measure() == pytest.approx((25.08, 46), abs=5)


def test_a_sensor_plugged_in_later_takes_the_place_of_the_simulation(plugged) -> None:
    sensors = plugged()
    sensors.find()
    sensors.bus.chips = {0x38: Dht20()}
    assert sensors.find_again() == "DHT20"
    assert not sensors.simulated()


@pytest.mark.parametrize(("chip", "longest_ms"), [(Sht4x(), 10), (Sht3x(), 20), (Dht20(), 85), (Bme280(), 10)], ids=str)
def test_a_measurement_takes_no_longer_than_a_tenth_of_a_second(library, plugged, chip: Any, longest_ms: int) -> None:
    address = {Sht4x: "44", Sht3x: "44", Dht20: "38", Bme280: "76"}[type(chip)]
    sensors = plugged(**{f"at_{address}": chip})
    sensors.find()
    before = library.sensors_now()
    assert sensors.measure() is not None
    assert library.sensors_now() - before <= longest_ms
