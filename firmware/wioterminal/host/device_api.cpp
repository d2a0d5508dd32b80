#include "device_api.h"

#include <math.h>
#include <stdlib.h>

#include "../src/core/payload.h"
#include "../src/core/recorder.h"
#include "../src/core/screen_model.h"

struct WioDevice {
  explicit WioDevice(uint32_t seed) : node(seed) {}

  // Its own, so that the library needs no C++ library: null without memory, and then nothing is constructed.
  static void* operator new(size_t size) noexcept { return malloc(size); }
  static void operator delete(void* memory) { free(memory); }

  core::Node node;
  core::Recorder recorder;
  core::ScreenModel screen;
};

namespace {

core::Surroundings surroundings(const WioDevice* device, const WioAround& around) {
  return {around.device_id, around.firmware,    around.radio,   around.sensor, around.reset,
          around.rssi,      around.temperature, around.humidity, device->recorder.kind()};
}

}  // namespace

WioDevice* wio_create(uint32_t seed) { return new WioDevice(seed); }

void wio_destroy(WioDevice* device) { delete device; }

uint8_t wio_tick(WioDevice* device, uint32_t now_ms, uint32_t* number) {
  const core::Step step = device->node.tick(now_ms);
  *number = step.number;
  return static_cast<uint8_t>(step.action);
}

int wio_succeeded(WioDevice* device, uint32_t number, uint32_t now_ms) {
  return device->node.succeeded(number, now_ms) ? 1 : 0;
}

int wio_time(WioDevice* device, uint32_t number, uint32_t epoch_s, uint32_t now_ms) {
  return device->node.set_time(number, epoch_s, now_ms) ? 1 : 0;
}

int wio_failed(WioDevice* device, uint32_t number, uint8_t fault, uint32_t now_ms) {
  return device->node.failed(number, static_cast<core::Fault>(fault % core::kFaultCount), now_ms) ? 1 : 0;
}

int wio_record(WioDevice* device, float temperature, float humidity, int valid, int simulated, uint32_t now_ms) {
  const core::Climate climate = {temperature, humidity, valid != 0};
  return device->recorder.record(device->node, climate, simulated != 0, now_ms) ? 1 : 0;
}

int16_t wio_payload(const WioDevice* device, const char* device_id, char* out, uint16_t capacity) {
  if (device->node.queued() == 0) {
    return -1;
  }
  return core::write_payload(out, capacity, core::DeviceId(device_id), device->node.outgoing());
}

int16_t wio_topic(const char* device_id, char* out, uint16_t capacity) {
  return core::write_topic(out, capacity, core::DeviceId(device_id));
}

void wio_state(const WioDevice* device, WioState* out) {
  const core::Node& node = device->node;
  const uint32_t uptime = node.clock().uptime_s();
  *out = {static_cast<uint8_t>(node.state()),
          static_cast<uint8_t>(node.fault()),
          node.queued(),
          node.dropped(),
          node.refused(),
          node.acknowledged(),
          node.wait_ms(),
          uptime,
          node.clock().epoch_at(uptime),
          device->recorder.score(),
          device->recorder.kind()};
}

int16_t wio_status(const WioDevice* device, const WioAround* around, char* out, uint16_t capacity) {
  return core::write_status(out, capacity, device->node, surroundings(device, *around));
}

void wio_compose(WioDevice* device, const WioAround* around) {
  device->screen.update(device->node, surroundings(device, *around));
}

int wio_changed(WioDevice* device, uint8_t line) {
  return device->screen.take_change(static_cast<core::Line>(line % core::kLineCount)) ? 1 : 0;
}

const char* wio_line(const WioDevice* device, uint8_t line) {
  return device->screen.line(static_cast<core::Line>(line % core::kLineCount));
}

uint8_t wio_chart(const WioDevice* device, float* means) {
  const core::Chart& chart = device->recorder.chart();
  for (uint8_t index = 0; index < chart.size(); ++index) {
    means[index] = chart.has(index) ? chart.at(index) : NAN;
  }
  return chart.size();
}

const char* wio_state_name(uint8_t state) { return core::state_name(static_cast<core::State>(state)); }

const char* wio_fault_code(uint8_t fault) { return core::fault_code(static_cast<core::Fault>(fault)); }

const char* wio_fault_words(uint8_t fault) { return core::fault_words(static_cast<core::Fault>(fault)); }
