#include "probe.h"

#include "../src/core/payload.h"
#include "../src/core/random.h"
#include "../src/core/recorder.h"
#include "../src/core/simulation.h"
#include "../src/core/status.h"

namespace {

constexpr const char* kName = "probe-1";
constexpr uint32_t kStart = 1790000000u;

// Static, as on the board: the queue is too large for a stack.
struct Life {
  explicit Life(uint32_t seed) : random(seed), node(seed), simulation(seed) {}

  core::Random random;
  core::Node node;
  core::Simulation simulation;
  core::Recorder recorder;
  core::Climate climate = {};
  uint32_t now_ms = 0;
  uint32_t last = 0;  // number of the last step
};

// End a step as chance will have it: mostly well, now and then not at all, or as a failure.
void answer(Life& life, const core::Step& step) {
  const uint32_t chance = life.random.next() % 10u;
  if (step.number != 0) {
    life.last = step.number;
  }
  if (chance < 2u) {
    life.node.failed(life.last, static_cast<core::Fault>(life.random.next() % core::kFaultCount), life.now_ms);
  } else if (chance < 9u && step.action == core::Action::kAskTime) {
    life.node.set_time(step.number, kStart + life.now_ms / 1000u, life.now_ms);
  } else if (chance < 9u) {
    life.node.succeeded(step.number, life.now_ms);
  }
}

core::Surroundings around(const Life& life) {
  return {kName, "probe", "2.1.3", "simulated", "power", -60, life.climate.temperature, life.climate.humidity,
          life.recorder.kind()};
}

}  // namespace

uint32_t probe_life(uint32_t seed, uint32_t count, char* out, uint32_t capacity) {
  static Life life(1);
  const core::DeviceId id(kName);
  life = Life(seed);
  uint32_t used = 0;
  for (uint32_t round = 0; round < count && used + core::kStatusCapacity < capacity; ++round) {
    life.now_ms += life.random.next() % 4000u;
    if (life.random.next() % 3u == 0) {
      life.climate = life.simulation.at(life.now_ms / 1000u);
      life.recorder.record(life.node, life.climate, true, life.now_ms);
    }
    const core::Step step = life.node.tick(life.now_ms);
    int16_t length = 0;
    if (step.action == core::Action::kPublish) {
      length = core::write_payload(out + used, core::kPayloadCapacity, id, life.node.outgoing());
    } else {
      length = core::write_status(out + used, core::kStatusCapacity, life.node, around(life));
    }
    used += length > 0 ? static_cast<uint32_t>(length) : 0u;
    out[used++] = '\n';
    answer(life, step);
  }
  return used;
}
