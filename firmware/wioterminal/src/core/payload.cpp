#include "exact.h"

#include "payload.h"

#include <math.h>

#include "anomaly.h"
#include "text.h"

namespace core {

// Names and punctuation in one piece each, of a length that the compiler knows: half of the instructions of writing them
// apart.
int16_t write_payload(char* out, uint16_t capacity, const DeviceId& device_id, const Reading& reading) {
  if (!device_id.valid() || reading.timestamp == 0) {
    return -1;
  }
  Text text(out, capacity);
  text.literal("{\"device_id\":\"").append(device_id.text(), device_id.length());
  text.literal("\",\"timestamp\":").add(reading.timestamp);
  text.literal(",\"temperature\":").add_hundredths(reading.temperature);
  if (!isnan(reading.humidity)) {
    text.literal(",\"humidity\":").add_hundredths(reading.humidity);
  }
  if (reading.simulated != 0) {
    text.literal(",\"simulated\":true");
  }
  if (reading.anomaly_score > 0.0f) {
    text.literal(",\"anomaly_score\":").add_hundredths(reading.anomaly_score);
  }
  if (reading.anomaly_score >= anomaly_settings().threshold) {
    text.literal(",\"anomaly\":1");  // what the rule of the alarm asks for: WHERE anomaly >= 1
  }
  if (reading.dropped != 0) {
    text.literal(",\"dropped\":").add(reading.dropped);
  }
  return text.literal("}").length();
}

}  // namespace core
