#include "exact.h"

#include "contract.h"

#include <math.h>

#include "text.h"

namespace core {
namespace {

bool allowed(char letter) {
  const bool upper = letter >= 'A' && letter <= 'Z';
  const bool lower = letter >= 'a' && letter <= 'z';
  const bool digit = letter >= '0' && letter <= '9';
  return upper || lower || digit || letter == ':' || letter == '_' || letter == '-';
}

}  // namespace

bool valid_device_id(const char* id) {
  uint16_t length = 0;
  while (length <= kDeviceIdLimit && allowed(id[length])) {
    ++length;
  }
  return length > 0 && length <= kDeviceIdLimit && id[length] == '\0';
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
  if (!(reading.temperature > kTemperatureLow && reading.temperature < kTemperatureHigh)) {
    return false;  // also refuses a value that is not a number
  }
  if (!(reading.anomaly_score >= 0.0f && reading.anomaly_score <= 1.0f)) {
    return false;
  }
  return isnan(reading.humidity) || (reading.humidity >= 0.0f && reading.humidity <= 100.0f);
}

}  // namespace core
