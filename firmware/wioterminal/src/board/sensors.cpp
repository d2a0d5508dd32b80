#include "sensors.h"

#include "config.h"
#include "i2c.h"

namespace board {
namespace {

constexpr uint8_t kSht[] = {0x44, 0x45};
constexpr uint8_t kBme280[] = {0x76, 0x77};
constexpr uint8_t kDht20 = 0x38;
constexpr uint32_t kPowerUpMs = 100;  // of the slowest, the DHT20. Source: Aosong DHT20 datasheet, 7.1

constexpr core::Climate kNone = {0.0f, 0.0f, false};

// Serial number, one byte of command: an SHT4x answers, an SHT3x does not. Source: SHT4x datasheet, 4.5.
bool is_sht4x(uint8_t address) {
  const uint8_t command = 0x89;
  uint8_t answer[6];
  return i2c::ask(address, &command, 1, 2, answer, sizeof answer) && core::crc8(answer, 2) == answer[2] &&
         core::crc8(answer + 3, 2) == answer[5];
}

// Status register. Source: SHT3x-DIS datasheet, 4.11.
bool is_sht3x(uint8_t address) {
  const uint8_t command[] = {0xF3, 0x2D};
  uint8_t answer[3];
  return i2c::ask(address, command, sizeof command, 2, answer, sizeof answer) && core::crc8(answer, 2) == answer[2];
}

// A read gives the status first (0x71, which the datasheet speaks of, is the address with the bit that asks for a read).
bool is_calibrated_dht20() {
  uint8_t status = 0;
  return i2c::read(kDht20, &status, 1) && (status & 0x18) == 0x18;
}

// Bring a register of a DHT20 back into force, as the manufacturer's sample program does.
bool restore_dht20(uint8_t which) {
  const uint8_t ask[] = {which, 0x00, 0x00};
  uint8_t kept[3];
  if (!i2c::ask(kDht20, ask, sizeof ask, 5, kept, sizeof kept)) {
    return false;
  }
  i2c::wait(10);
  const uint8_t restore[] = {static_cast<uint8_t>(0xB0 | which), kept[1], kept[2]};
  return i2c::write(kDht20, restore, sizeof restore);
}

// Its status says that it is calibrated, or does so once three registers are restored. Source: DHT20 datasheet, 7.4, step 1.
bool is_dht20() {
  return is_calibrated_dht20() ||
         (restore_dht20(0x1B) && restore_dht20(0x1C) && restore_dht20(0x1E) && is_calibrated_dht20());
}

// Chip id 0x60; a BMP280, which measures no humidity, says 0x58. Source: BME280 datasheet, 5.4.1.
bool is_bme280(uint8_t address) {
  uint8_t id = 0;
  return i2c::read_registers(address, 0xD0, &id, 1) && id == 0x60;
}

}  // namespace

void Sensors::find() {
  i2c::begin();
  i2c::wait(kPowerUpMs);
  find_again();
}

void Sensors::find_again() {
  if (config::kAlwaysSimulate) {
    return;
  }
  const Found found = look();
  if (found.kind != Kind::kSimulated) {
    use(found);
  }
}

Sensors::Found Sensors::look() {
  for (const uint8_t address : kSht) {
    if (i2c::present(address) && is_sht4x(address)) {
      return {Kind::kSht4x, address};
    }
    if (i2c::present(address) && is_sht3x(address)) {
      return {Kind::kSht3x, address};
    }
  }
  for (const uint8_t address : kBme280) {
    if (i2c::present(address) && is_bme280(address)) {
      return {Kind::kBme280, address};
    }
  }
  if (i2c::present(kDht20) && is_dht20()) {
    return {Kind::kDht20, kDht20};
  }
  return {Kind::kSimulated, 0};
}

// A BME280 that does not give its calibration is not used.
void Sensors::use(const Found& found) {
  if (found.kind == Kind::kBme280) {
    uint8_t low[24];
    uint8_t h1 = 0;
    uint8_t high[7];
    if (!i2c::read_registers(found.address, 0x88, low, sizeof low) ||
        !i2c::read_registers(found.address, 0xA1, &h1, 1) ||
        !i2c::read_registers(found.address, 0xE1, high, sizeof high)) {
      return;
    }
    calibration_ = core::bme280_calibration(low, h1, high);
  }
  kind_ = found.kind;
  address_ = found.address;
}

core::Climate Sensors::measure(uint32_t second) {
  switch (kind_) {
    case Kind::kSht4x:
      return measure_sht4x();
    case Kind::kSht3x:
      return measure_sht3x();
    case Kind::kDht20:
      return measure_dht20();
    case Kind::kBme280:
      return measure_bme280();
    default:
      return simulation_.at(second);
  }
}

// High precision, 8.3 ms at most. Source: SHT4x datasheet, 4.5 and table 4.
core::Climate Sensors::measure_sht4x() const {
  const uint8_t command = 0xFD;
  uint8_t answer[6];
  return i2c::ask(address_, &command, 1, 10, answer, sizeof answer) ? core::sht4x(answer) : kNone;
}

// Single shot, high repeatability, no clock stretching, 15.5 ms at most. Source: SHT3x-DIS datasheet, 4.3 and table 4.
core::Climate Sensors::measure_sht3x() const {
  const uint8_t command[] = {0x24, 0x00};
  uint8_t answer[6];
  return i2c::ask(address_, command, sizeof command, 20, answer, sizeof answer) ? core::sht3x(answer) : kNone;
}

// Source: Aosong DHT20 datasheet, 7.4: 80 ms from the command to the answer.
core::Climate Sensors::measure_dht20() const {
  const uint8_t command[] = {0xAC, 0x33, 0x00};
  uint8_t answer[7];
  return i2c::ask(address_, command, sizeof command, 85, answer, sizeof answer) ? core::dht20(answer) : kNone;
}

// Forced mode, humidity and temperature once, no pressure: 6 ms. Source: BME280 datasheet, 5.4 and 9.1.
core::Climate Sensors::measure_bme280() const {
  const uint8_t humidity_once[] = {0xF2, 0x01};
  const uint8_t start[] = {0xF4, 0x21};
  if (!i2c::write(address_, humidity_once, sizeof humidity_once) || !i2c::write(address_, start, sizeof start)) {
    return kNone;
  }
  i2c::wait(10);
  uint8_t answer[5];
  return i2c::read_registers(address_, 0xFA, answer, sizeof answer) ? core::bme280(calibration_, answer) : kNone;
}

const char* Sensors::name() const {
  constexpr const char* kNames[] = {"simulated", "SHT4x", "SHT3x", "DHT20", "BME280"};
  return kNames[static_cast<uint8_t>(kind_)];
}

}  // namespace board
