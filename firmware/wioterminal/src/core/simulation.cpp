#include "exact.h"

#include "simulation.h"

namespace core {
namespace {

constexpr uint32_t kDay = 86400;
constexpr uint32_t kHalfDay = kDay / 2;

// 0 at midnight, 1 at noon: two straight lines are enough for a simulated day.
float noon_share(uint32_t second) {
  const uint32_t of_day = second % kDay;
  return static_cast<float>(of_day < kHalfDay ? of_day : kDay - of_day) / static_cast<float>(kHalfDay);
}

}  // namespace

float Simulation::noise() { return (static_cast<float>(random_.next() % 2001u) - 1000.0f) / 10000.0f; }

Climate Simulation::at(uint32_t second) {
  const float share = noon_share(second);
  return {21.0f + 4.0f * share + noise(), 60.0f - 15.0f * share + noise(), true};
}

}  // namespace core
