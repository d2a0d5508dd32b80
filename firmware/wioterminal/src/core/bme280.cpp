#include "exact.h"

#include "bme280.h"

namespace core {
namespace {

constexpr int32_t kTemperatureSkipped = 0x80000;
constexpr int32_t kHumiditySkipped = 0x8000;
constexpr int64_t kTwo20 = 1048576;
constexpr int64_t kTwo30 = 1073741824;
constexpr int64_t kFullHumidity = 419430400;  // 100 percent

uint16_t little(const uint8_t* bytes) { return static_cast<uint16_t>(bytes[0] | (bytes[1] << 8)); }

// The sensor's fine temperature, which the humidity needs too. 64 bits, because a broken calibration must not overflow.
int64_t fine(const Bme280& own, int64_t raw) {
  const int64_t first = (((raw >> 3) - own.t1 * 2) * own.t2) >> 11;
  const int64_t distance = (raw >> 4) - own.t1;
  return first + ((((distance * distance) >> 12) * own.t3) >> 14);
}

int64_t limited(int64_t value, int64_t highest) {
  if (value < 0) {
    return 0;
  }
  return value > highest ? highest : value;
}

// Relative humidity in 1/1024 percent.
int64_t humidity(const Bme280& own, int64_t raw, int64_t fine_temperature) {
  const int64_t t = fine_temperature - 76800;
  const int64_t offset = (raw * 16384 - own.h4 * kTwo20 - own.h5 * t + 16384) >> 15;
  const int64_t bend = ((((t * own.h6) >> 10) * (((t * own.h3) >> 11) + 32768)) >> 10) + 2097152;
  const int64_t slope = (bend * own.h2 + 8192) >> 14;
  const int64_t value = limited(offset * slope, kTwo30);
  const int64_t curved = value - (((((value >> 15) * (value >> 15)) >> 7) * own.h1) >> 4);
  return limited(curved, kFullHumidity) >> 12;
}

}  // namespace

Bme280 bme280_calibration(const uint8_t* low, uint8_t h1, const uint8_t* high) {
  Bme280 own = {};
  own.t1 = little(low);
  own.t2 = static_cast<int16_t>(little(low + 2));
  own.t3 = static_cast<int16_t>(little(low + 4));
  own.h1 = h1;
  own.h2 = static_cast<int16_t>(little(high));
  own.h3 = high[2];
  own.h4 = static_cast<int16_t>(static_cast<int8_t>(high[3]) * 16 + (high[4] & 0x0F));
  own.h5 = static_cast<int16_t>(static_cast<int8_t>(high[5]) * 16 + (high[4] >> 4));
  own.h6 = static_cast<int8_t>(high[6]);
  return own;
}

Climate bme280(const Bme280& calibration, const uint8_t* bytes) {
  const int32_t raw_temperature = (bytes[0] << 12) | (bytes[1] << 4) | (bytes[2] >> 4);
  const int32_t raw_humidity = (bytes[3] << 8) | bytes[4];
  if (raw_temperature == kTemperatureSkipped || raw_humidity == kHumiditySkipped) {
    return {0.0f, 0.0f, false};
  }
  const int64_t t = fine(calibration, raw_temperature);
  // Both fit into 32 bits whatever the calibration says, and the FPU converts those by itself.
  return {static_cast<float>(static_cast<int32_t>((t * 5 + 128) >> 8)) / 100.0f,
          static_cast<float>(static_cast<int32_t>(humidity(calibration, raw_humidity, t))) / 1024.0f, true};
}

}  // namespace core
