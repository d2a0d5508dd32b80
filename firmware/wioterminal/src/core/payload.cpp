#include "exact.h"

#include "payload.h"

#include <math.h>

#include "anomaly.h"
#include "text.h"

namespace core {

// Names and punctuation in one piece each: half of the instructions of writing them apart. A valid name needs no escapes.
int16_t write_payload(char* out, uint16_t capacity, const char* device_id, const Reading& reading) {
  if (!valid_device_id(device_id) || reading.timestamp == 0) {
    return -1;
  }
  Text text(out, capacity);
  text.add("{\"device_id\":\"").add(device_id).add("\",\"timestamp\":").add(reading.timestamp);
  text.add(",\"temperature\":").add_hundredths(reading.temperature);
  if (!isnan(reading.humidity)) {
    text.add(",\"humidity\":").add_hundredths(reading.humidity);
  }
  if (reading.simulated != 0) {
    text.add(",\"simulated\":true");
  }
  if (reading.anomaly_score > 0.0f) {
    text.add(",\"anomaly_score\":").add_hundredths(reading.anomaly_score);
  }
  if (reading.anomaly_score >= anomaly_settings().threshold) {
    text.add(",\"anomaly\":1");  // what the rule of the alarm asks for: WHERE anomaly >= 1
  }
  if (reading.dropped != 0) {
    text.add(",\"dropped\":").add(reading.dropped);
  }
  return text.add("}").length();
}

}  // namespace core
