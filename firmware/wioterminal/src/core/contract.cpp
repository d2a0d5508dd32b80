#include "exact.h"

#include "contract.h"

#include <math.h>

#include "text.h"

namespace core {
namespace {

// One bit for each ASCII letter that a name may have: '-' 0-9 ':', A-Z '_', a-z. A comparison of each range costs more.
constexpr uint32_t kAllowed[4] = {0, 0x07FF2000u, 0x87FFFFFEu, 0x07FFFFFEu};

bool allowed(char letter) {
  const uint8_t code = static_cast<uint8_t>(letter);
  return code < 128 && ((kAllowed[code / 32u] >> (code % 32u)) & 1u) != 0;
}

}  // namespace

bool valid_device_id(const char* id) {
  const char* end = id;
  while (allowed(*end)) {
    ++end;
  }
  return end != id && end - id <= kDeviceIdLimit && *end == '\0';
}

int16_t write_topic(char* out, uint16_t capacity, const char* device_id) {
  if (!valid_device_id(device_id)) {
    return -1;
  }
  Text text(out, capacity);
  text.add("device/").add(device_id).add("/data");
  return text.length();
}

bool plausible(const Reading& reading) {
  if (!(reading.temperature >= kTemperatureLow && reading.temperature <= kTemperatureHigh)) {
    return false;  // also refuses a value that is not a number
  }
  if (!(reading.anomaly_score >= 0.0f && reading.anomaly_score <= 1.0f)) {
    return false;
  }
  return isnan(reading.humidity) || (reading.humidity >= 0.0f && reading.humidity <= 100.0f);
}

}  // namespace core
