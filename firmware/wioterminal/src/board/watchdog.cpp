#include "watchdog.h"

#include <Arduino.h>
#include <TimerTC3.h>

#include "../core/supervisor.h"
#include "config.h"

namespace board {
namespace watchdog {
namespace {

constexpr long kFeedMicroseconds = 1000000;

core::Supervisor supervisor;

// In the interrupt: two comparisons and a register.
void feed() {
  if (supervisor.may_feed(millis())) {
    WDT->CLEAR.reg = WDT_CLEAR_CLEAR_KEY;
  }
}

}  // namespace

void begin() {
  allow(config::kUsualBudgetMs);
  TimerTc3.initialize(kFeedMicroseconds);
  TimerTc3.attachInterrupt(feed);
  WDT->CONFIG.reg = WDT_CONFIG_PER_CYC8192;  // of a clock of 1,024 Hz: 8 s
  WDT->CTRLA.reg = WDT_CTRLA_ENABLE;
  while (WDT->SYNCBUSY.reg != 0) {
  }
}

void allow(uint32_t budget_ms) { supervisor.allow(millis(), budget_ms); }

// Source: SAM D5x/E5x data sheet, RSTC, register RCAUSE.
const char* reset_cause() {
  const uint8_t cause = RSTC->RCAUSE.reg;
  if (cause & RSTC_RCAUSE_WDT) {
    return "watchdog";
  }
  if (cause & RSTC_RCAUSE_SYST) {
    return "software";
  }
  if (cause & RSTC_RCAUSE_EXT) {
    return "reset";
  }
  return cause & (RSTC_RCAUSE_BODCORE | RSTC_RCAUSE_BODVDD) ? "brown-out" : "power";
}

}  // namespace watchdog
}  // namespace board
