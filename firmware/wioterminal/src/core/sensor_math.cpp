#include "exact.h"

#include "sensor_math.h"

namespace core {
namespace {

constexpr float kFullScale = 65535.0f;
constexpr float kFullScale20 = 1048576.0f;
constexpr uint8_t kBusy = 0x80;
constexpr Climate kInvalid = {0.0f, 0.0f, false};

float word(const uint8_t* bytes) { return static_cast<float>((bytes[0] << 8) | bytes[1]); }

float limited(float humidity) {
  if (humidity < 0.0f) {
    return 0.0f;
  }
  return humidity > 100.0f ? 100.0f : humidity;
}

bool sht_sound(const uint8_t* bytes) { return crc8(bytes, 2) == bytes[2] && crc8(bytes + 3, 2) == bytes[5]; }

float sht_temperature(const uint8_t* bytes) { return -45.0f + 175.0f * word(bytes) / kFullScale; }

}  // namespace

uint8_t crc8(const uint8_t* bytes, uint8_t count) {
  uint8_t crc = 0xFF;
  for (uint8_t index = 0; index < count; ++index) {
    crc = static_cast<uint8_t>(crc ^ bytes[index]);
    for (uint8_t bit = 0; bit < 8; ++bit) {
      crc = static_cast<uint8_t>((crc & 0x80) != 0 ? (crc << 1) ^ 0x31 : crc << 1);
    }
  }
  return crc;
}

Climate sht4x(const uint8_t* bytes) {
  if (!sht_sound(bytes)) {
    return kInvalid;
  }
  return {sht_temperature(bytes), limited(-6.0f + 125.0f * word(bytes + 3) / kFullScale), true};
}

Climate sht3x(const uint8_t* bytes) {
  if (!sht_sound(bytes)) {
    return kInvalid;
  }
  return {sht_temperature(bytes), 100.0f * word(bytes + 3) / kFullScale, true};
}

Climate dht20(const uint8_t* bytes) {
  if ((bytes[0] & kBusy) != 0 || crc8(bytes, 6) != bytes[6]) {
    return kInvalid;
  }
  const uint32_t humidity = (static_cast<uint32_t>(bytes[1]) << 12) | (bytes[2] << 4) | (bytes[3] >> 4);
  const uint32_t temperature = (static_cast<uint32_t>(bytes[3] & 0x0F) << 16) | (bytes[4] << 8) | bytes[5];
  return {static_cast<float>(temperature) * 200.0f / kFullScale20 - 50.0f,
          static_cast<float>(humidity) * 100.0f / kFullScale20, true};
}

}  // namespace core
