#include "exact.h"

#include "payload.h"

#include <math.h>

#include "anomaly.h"
#include "text.h"

namespace core {

int16_t write_payload(char* out, uint16_t capacity, const char* device_id, const Reading& reading) {
  if (!valid_device_id(device_id) || reading.timestamp == 0) {
    return -1;
  }
  Text text(out, capacity);
  text.add("{").member("device_id", device_id).member("timestamp", reading.timestamp);
  text.member("temperature", reading.temperature);
  if (!isnan(reading.humidity)) {
    text.member("humidity", reading.humidity);
  }
  if (reading.simulated != 0) {
    text.member("simulated", true);
  }
  if (reading.anomaly_score > 0.0f) {
    text.member("anomaly_score", reading.anomaly_score);
  }
  if (reading.anomaly_score >= anomaly_settings().threshold) {
    text.member("anomaly", 1u);
  }
  if (reading.dropped != 0) {
    text.member("dropped", reading.dropped);
  }
  text.add("}");
  return text.length();
}

}  // namespace core
