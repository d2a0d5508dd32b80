// C face of the core for a host program: one device, driven from outside by events and a clock. lab/device/core.py loads
// it. Times are milliseconds of a counter that may wrap; enumerations are the numbers of src/core (Action, State, Fault).
#pragma once

#include <stdint.h>

#if defined(_WIN32)
#define WIO_API extern "C" __declspec(dllexport)
#else
#define WIO_API extern "C" __attribute__((visibility("default")))
#endif

struct WioDevice;

// What the node does not know itself; the members of core::Surroundings.
struct WioAround {
  const char* device_id;
  const char* firmware;
  const char* radio;
  const char* sensor;
  const char* reset;
  int8_t rssi;        // dBm
  float temperature;  // degrees Celsius
  float humidity;     // percent, or not a number
};

// Numbers for a person and for tests.
struct WioState {
  uint8_t state;
  uint8_t fault;
  uint16_t queued;
  uint32_t dropped;
  uint32_t refused;
  uint32_t acknowledged;
  uint32_t wait_ms;   // of the present wait as a whole; 0 unless waiting
  uint32_t uptime_s;
  uint32_t epoch_s;   // Unix seconds; 0 while the clock is not set
  float score;        // of the last reading
  int8_t kind;        // of the last two hours, as core/model.h numbers it; -1: not known yet
};

// A device at its start; null without memory. seed decides its jitter.
WIO_API WioDevice* wio_create(uint32_t seed);
WIO_API void wio_destroy(WioDevice* device);

// The next action and, unless it is kNothing or kClose, the number under which its end is reported.
WIO_API uint8_t wio_tick(WioDevice* device, uint32_t now_ms, uint32_t* number);

// Ends of a step: WiFi joined, TLS up, MQTT connected, publish acknowledged; the time arrived; it failed or the link broke.
// 1, or 0 if the step is not awaited any more (and for wio_time also: the answer was not believed).
WIO_API int wio_succeeded(WioDevice* device, uint32_t number, uint32_t now_ms);
WIO_API int wio_time(WioDevice* device, uint32_t number, uint32_t epoch_s, uint32_t now_ms);
WIO_API int wio_failed(WioDevice* device, uint32_t number, uint8_t fault, uint32_t now_ms);

// A measurement: 1 if it was queued, 0 if it was refused. humidity may be not a number; valid 0: a broken checksum.
WIO_API int wio_record(WioDevice* device, float temperature, float humidity, int valid, int simulated, uint32_t now_ms);

// The message of the action kPublish; -1 if there is none or it cannot be written. The same until it is acknowledged.
WIO_API int16_t wio_payload(const WioDevice* device, const char* device_id, char* out, uint16_t capacity);
WIO_API int16_t wio_topic(const char* device_id, char* out, uint16_t capacity);

WIO_API void wio_state(const WioDevice* device, WioState* out);
WIO_API int16_t wio_status(const WioDevice* device, const WioAround* around, char* out, uint16_t capacity);

// The screen: compose it, then ask for each line whether it changed (once) and what it says.
WIO_API void wio_compose(WioDevice* device, const WioAround* around);
WIO_API int wio_changed(WioDevice* device, uint8_t line);
WIO_API const char* wio_line(const WioDevice* device, uint8_t line);

// The chart: minutes of the last hour, oldest first; means has room for 60, a minute without a reading is not a number.
WIO_API uint8_t wio_chart(const WioDevice* device, float* means);

// Words of the enumerations.
WIO_API const char* wio_state_name(uint8_t state);
WIO_API const char* wio_fault_code(uint8_t fault);
WIO_API const char* wio_fault_words(uint8_t fault);
