// What the board says about itself: one JSON line a second on serial, and the fields of the screen.
#pragma once

#include "model.h"
#include "node.h"

namespace core {

constexpr uint16_t kStatusCapacity = 512;

// What the node does not know itself.
struct Surroundings {
  const char* device_id;
  const char* firmware;  // version of the sketch
  const char* radio;     // version of the WiFi module's firmware, "" while unknown
  const char* sensor;    // "SHT4x", "BME280", ..., "simulated"
  const char* reset;     // cause of the last restart: "power", "watchdog", ...
  int8_t rssi;           // dBm, 0 while unknown
  float temperature;
  float humidity;        // not a number: the sensor has none
  int8_t kind;           // of the last two hours (model.h)
};

// Write `WIO1 {"state":...}` and return its length, or -1 if it does not fit. Source of its fields: docs/device.md.
int16_t write_status(char* out, uint16_t capacity, const Node& node, const Surroundings& around);

}  // namespace core
