// The sensor on the Grove I2C port (left of the screen): found by itself, read through the core's arithmetic.
#pragma once

#include <stdint.h>

#include "../core/bme280.h"
#include "../core/sensor_math.h"
#include "../core/simulation.h"

namespace board {

class Sensors {
 public:
  explicit Sensors(uint32_t seed) : simulation_(seed) {}

  // Open the bus and look for a sensor; without one the climate is simulated.
  void find();

  // Look again, after failures or while there is none: a sensor may have been exchanged or plugged in. One that is gone is
  // never replaced by a simulation.
  void find_again();

  // Measure; takes up to a tenth of a second. second: of the day, for the simulation.
  core::Climate measure(uint32_t second);

  // "SHT4x", "SHT3x", "DHT20", "BME280" or "simulated".
  const char* name() const;
  bool simulated() const { return kind_ == Kind::kSimulated; }

 private:
  enum class Kind : uint8_t { kSimulated, kSht4x, kSht3x, kDht20, kBme280 };

  struct Found {
    Kind kind;
    uint8_t address;
  };

  static Found look();
  void use(const Found& found);
  core::Climate measure_sht4x() const;
  core::Climate measure_sht3x() const;
  core::Climate measure_dht20() const;
  core::Climate measure_bme280() const;

  core::Simulation simulation_;
  core::Bme280 calibration_ = {};
  Kind kind_ = Kind::kSimulated;
  uint8_t address_ = 0;
};

}  // namespace board
