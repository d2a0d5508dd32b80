// The parts of the core one by one, for tests: the same functions run on the host and on an emulated Cortex-M4, and must
// give the same bytes. At most four arguments, all words or pointers, so that an emulator can pass them in registers.
#pragma once

#include <stdint.h>

#include "../src/core/anomaly.h"
#include "../src/core/contract.h"
#include "../src/core/sensor_math.h"

#if defined(_WIN32)
#define PROBE_API extern "C" __declspec(dllexport)
#else
#define PROBE_API extern "C" __attribute__((visibility("default"), used))
#endif

constexpr uint32_t kProbeSlot = core::kPayloadCapacity;  // bytes of each payload in probe_payloads

// A name, taken once (`out` has room for a core::DeviceId). One payload under it; the payloads of many readings, each in a
// slot of its own, padded with NUL, with their lengths before.
PROBE_API void probe_device_id(const char* name, core::DeviceId* out);
PROBE_API int32_t probe_payload(const core::DeviceId* id, const core::Reading* reading, char* out, uint32_t capacity);
PROBE_API void probe_payloads(const char* name, const core::Reading* readings, uint32_t count, uint8_t* out);
PROBE_API int32_t probe_plausible(const core::Reading* reading);
PROBE_API int32_t probe_valid_id(const char* id);
PROBE_API int32_t probe_topic(const char* id, char* out, uint32_t capacity);

// Numbers and members as text.
PROBE_API int32_t probe_hundredths(const float* value, char* out, uint32_t capacity);
PROBE_API int32_t probe_word(const char* word, char* out, uint32_t capacity);

// The detector: scores[i] of values[i] at seconds[i]; the two stand in turn in `readings` as (float, uint32_t).
struct ProbeSample {
  float value;
  uint32_t seconds;
};
PROBE_API void probe_scores(core::AnomalyState* state, const ProbeSample* samples, uint32_t count, float* scores);
PROBE_API uint32_t probe_state_size();

// Sensors. kind: 0 SHT4x, 1 SHT3x, 2 DHT20. BME280: 24 bytes of calibration, one, seven, then five of measurement.
PROBE_API uint32_t probe_crc8(const uint8_t* bytes, uint32_t count);
PROBE_API void probe_climate(uint32_t kind, const uint8_t* bytes, core::Climate* out);
PROBE_API void probe_bme280(const uint8_t* bytes, core::Climate* out);
PROBE_API void probe_simulation(uint32_t seed, const uint32_t* seconds, uint32_t count, core::Climate* out);

// Waits of the back-off in milliseconds; it is reset after every wait whose bit in `resets` (32, repeated) is set.
PROBE_API void probe_backoff(uint32_t seed, uint32_t resets, uint32_t count, uint32_t* waits);

// A ring of four: operations 0 to 199 push that number, 200 pop, 201 hold, 202 release. Writes what is in it, its size
// and how many were dropped, as a trace of 6 words after each operation.
PROBE_API void probe_ring(const uint8_t* operations, uint32_t count, uint32_t* trace);

// The clock: pairs (count of milliseconds, answer of the server or 0); after each (uptime, epoch, believed).
PROBE_API void probe_clock(const uint32_t* pairs, uint32_t count, uint32_t* trace);

// Whether the watchdog is fed at `asked`, when a step of `budget` milliseconds began at `begun`.
PROBE_API uint32_t probe_supervisor(uint32_t begun, uint32_t budget, uint32_t asked);

// The chart after samples (value, uptime in seconds): for each minute (has, mean as bits, height of 100); returns minutes.
PROBE_API uint32_t probe_chart(const ProbeSample* samples, uint32_t count, uint32_t* trace);

// Features and class of each window of the edge model.
PROBE_API void probe_classes(const int16_t* windows, uint32_t count, int16_t* features, int32_t* classes);

// What the edge model calls the last two hours after each sample.
PROBE_API void probe_window(const ProbeSample* samples, uint32_t count, int8_t* kinds);

// A device under pseudo-random events: `count` rounds, its status lines and payloads into `out`; returns bytes written.
PROBE_API uint32_t probe_life(uint32_t seed, uint32_t count, char* out, uint32_t capacity);
