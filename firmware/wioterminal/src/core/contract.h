// The message contract on the device: names, limits and the reading itself. lab/contract.py holds the same contract.
#pragma once

#include <stdint.h>

#include "device_id.h"

namespace core {

constexpr uint16_t kTopicCapacity = 144;      // "device/" + id + "/data" + NUL
constexpr uint16_t kPayloadCapacity = 384;    // the longest payload, with NUL
// Degrees Celsius, included: written with two decimals a reading stays inside -50 and 100, which the ETL excludes.
constexpr float kTemperatureLow = -49.99f;
constexpr float kTemperatureHigh = 99.99f;

// One reading. A humidity that is not a number means: the sensor has none.
struct Reading {
  float temperature;    // degrees Celsius
  float humidity;       // percent
  float anomaly_score;  // of the detector, 0 to 1
  uint32_t timestamp;   // Unix seconds; 0 as long as the clock is not set
  uint32_t uptime_s;    // seconds since the start at which it was taken
  uint32_t dropped;     // readings lost to a full queue before this one was taken
  uint8_t simulated;    // 1: no sensor was found
};

// Write "device/<id>/data" and return its length, or -1 if the name is not valid or does not fit.
int16_t write_topic(char* out, uint16_t capacity, const DeviceId& device_id);

// Tell whether a reading can be true: finite, inside the limits, humidity absent or 0 to 100, score 0 to 1.
bool plausible(const Reading& reading);

}  // namespace core
