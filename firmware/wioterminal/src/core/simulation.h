// A plausible climate for a board without a sensor: a day's swing and a little noise.
#pragma once

#include "random.h"
#include "sensor_math.h"

namespace core {

class Simulation {
 public:
  explicit Simulation(uint32_t seed) : random_(seed) {}

  // The climate at a second of the day: 21 to 25 degrees Celsius, humidity against it, noise of a tenth.
  Climate at(uint32_t second);

 private:
  float noise();

  Random random_;
};

}  // namespace core
