// Restarts the board when a call to the WiFi module never returns. The hardware's watchdog ends after 16 s at the latest,
// a connect may take longer: so a timer feeds it, but only while the step that runs is within its budget.
#pragma once

#include <stdint.h>

namespace board {
namespace watchdog {

void begin();

// The step that begins now may take so long, in milliseconds.
void allow(uint32_t budget_ms);

// Why the board started: "power", "reset", "watchdog", "software", "brown-out".
const char* reset_cause();

}  // namespace watchdog
}  // namespace board
