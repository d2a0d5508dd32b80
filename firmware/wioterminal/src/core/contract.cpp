#include "exact.h"

#include "contract.h"

#include <math.h>

#include "text.h"

namespace core {
int16_t write_topic(char* out, uint16_t capacity, const DeviceId& device_id) {
  if (!device_id.valid()) {
    return -1;
  }
  Text text(out, capacity);
  return text.literal("device/").append(device_id.text(), device_id.length()).literal("/data").length();
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
