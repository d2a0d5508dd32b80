#include "probe.h"

#include <string.h>

#include "../src/core/backoff.h"
#include "../src/core/bme280.h"
#include "../src/core/chart.h"
#include "../src/core/clock.h"
#include "../src/core/model_window.h"
#include "../src/core/payload.h"
#include "../src/core/ring.h"
#include "../src/core/simulation.h"
#include "../src/core/supervisor.h"
#include "../src/core/text.h"

void probe_device_id(const char* name, core::DeviceId* out) { *out = core::DeviceId(name); }

int32_t probe_payload(const core::DeviceId* id, const core::Reading* reading, char* out, uint32_t capacity) {
  return core::write_payload(out, static_cast<uint16_t>(capacity), *id, *reading);
}

void probe_payloads(const char* name, const core::Reading* readings, uint32_t count, uint8_t* out) {
  const core::DeviceId id(name);
  for (uint32_t index = 0; index < count; ++index) {
    memset(out, 0, kProbeSlot);
    char* text = reinterpret_cast<char*>(out + 2);
    const int16_t length = core::write_payload(text, kProbeSlot - 2, id, readings[index]);
    out[0] = static_cast<uint8_t>(length & 0xFF);
    out[1] = static_cast<uint8_t>((length >> 8) & 0xFF);
    out += kProbeSlot;
  }
}

int32_t probe_plausible(const core::Reading* reading) { return core::plausible(*reading) ? 1 : 0; }

int32_t probe_valid_id(const char* id) { return core::DeviceId(id).valid() ? 1 : 0; }

int32_t probe_topic(const char* id, char* out, uint32_t capacity) {
  return core::write_topic(out, static_cast<uint16_t>(capacity), core::DeviceId(id));
}

int32_t probe_hundredths(const float* value, char* out, uint32_t capacity) {
  core::Text text(out, static_cast<uint16_t>(capacity));
  return text.add_hundredths(*value).length();
}

int32_t probe_word(const char* word, char* out, uint32_t capacity) {
  core::Text text(out, static_cast<uint16_t>(capacity));
  return text.add("{").member("word", word).member("count", static_cast<uint32_t>(7)).add("}").length();
}

void probe_scores(core::AnomalyState* state, const ProbeSample* samples, uint32_t count, float* scores) {
  for (uint32_t index = 0; index < count; ++index) {
    scores[index] = core::anomaly_step(*state, core::anomaly_settings(), samples[index].value, samples[index].seconds);
  }
}

uint32_t probe_state_size() { return sizeof(core::AnomalyState); }

uint32_t probe_crc8(const uint8_t* bytes, uint32_t count) { return core::crc8(bytes, static_cast<uint8_t>(count)); }

void probe_climate(uint32_t kind, const uint8_t* bytes, core::Climate* out) {
  if (kind == 0) {
    *out = core::sht4x(bytes);
  } else {
    *out = kind == 1 ? core::sht3x(bytes) : core::dht20(bytes);
  }
}

void probe_bme280(const uint8_t* bytes, core::Climate* out) {
  *out = core::bme280(core::bme280_calibration(bytes, bytes[24], bytes + 25), bytes + 32);
}

void probe_simulation(uint32_t seed, const uint32_t* seconds, uint32_t count, core::Climate* out) {
  core::Simulation simulation(seed);
  for (uint32_t index = 0; index < count; ++index) {
    out[index] = simulation.at(seconds[index]);
  }
}

void probe_backoff(uint32_t seed, uint32_t resets, uint32_t count, uint32_t* waits) {
  core::Backoff backoff(seed);
  for (uint32_t index = 0; index < count; ++index) {
    waits[index] = backoff.next();
    if (((resets >> (index % 32u)) & 1u) != 0) {
      backoff.reset();
    }
  }
}

void probe_ring(const uint8_t* operations, uint32_t count, uint32_t* trace) {
  core::Ring<uint32_t, 4> ring;
  for (uint32_t index = 0; index < count; ++index) {
    const uint8_t operation = operations[index];
    if (operation < 200) {
      ring.push(operation);
    } else if (operation == 200) {
      ring.pop();
    } else if (operation == 201) {
      ring.hold();
    } else {
      ring.release();
    }
    for (uint16_t slot = 0; slot < 4; ++slot) {
      trace[slot] = slot < ring.size() ? ring.at(slot) : 0xFFFFFFFFu;
    }
    trace[4] = ring.size();
    trace[5] = ring.dropped();
    trace += 6;
  }
}

void probe_clock(const uint32_t* pairs, uint32_t count, uint32_t* trace) {
  core::Clock clock;
  for (uint32_t index = 0; index < count; ++index) {
    clock.advance(pairs[2 * index]);
    const uint32_t answer = pairs[2 * index + 1];
    const bool believed = answer != 0 && clock.set(answer);
    trace[0] = clock.uptime_s();
    trace[1] = clock.epoch_at(clock.uptime_s());
    trace[2] = believed ? 1u : 0u;
    trace += 3;
  }
}

uint32_t probe_supervisor(uint32_t begun, uint32_t budget, uint32_t asked) {
  core::Supervisor supervisor;
  supervisor.allow(begun, budget);
  return supervisor.may_feed(asked) ? 1u : 0u;
}

uint32_t probe_chart(const ProbeSample* samples, uint32_t count, uint32_t* trace) {
  core::Chart chart;
  for (uint32_t index = 0; index < count; ++index) {
    chart.add(samples[index].value, samples[index].seconds);
  }
  for (uint8_t index = 0; index < chart.size(); ++index) {
    const float mean = chart.at(index);
    trace[0] = chart.has(index) ? 1u : 0u;
    memcpy(&trace[1], &mean, sizeof mean);
    trace[2] = chart.height(index, 100);
    trace += 3;
  }
  return chart.size();
}

void probe_window(const ProbeSample* samples, uint32_t count, int8_t* kinds) {
  core::ModelWindow window;
  for (uint32_t index = 0; index < count; ++index) {
    window.add(samples[index].value, samples[index].seconds);
    kinds[index] = window.kind();
  }
}
