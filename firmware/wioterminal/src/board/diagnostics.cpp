#include "diagnostics.h"

#include <Seeed_Arduino_FreeRTOS.h>

#include "../core/text.h"
#include "version.h"

namespace board {
namespace {

constexpr uint16_t kValueCapacity = 24;

void number(Screen& screen, uint8_t row, const char* label, uint32_t value) {
  char words[kValueCapacity];
  core::Text(words, sizeof words).add(value);
  screen.diagnose(row, label, words);
}

}  // namespace

void diagnose(Screen& screen, const core::Node& node, const char* radio, const char* reset_cause,
              const core::Recorder& recorder) {
  char words[kValueCapacity];
  core::Text(words, sizeof words).add_hundredths(recorder.score());
  screen.diagnose(0, "firmware", kFirmware);
  screen.diagnose(1, "WiFi module", radio);
  screen.diagnose(2, "last restart", reset_cause);
  number(screen, 3, "seconds since then", node.clock().uptime_s());
  number(screen, 4, "heap free, bytes", xPortGetFreeHeapSize());
  number(screen, 5, "stack never used, words", uxTaskGetStackHighWaterMark(nullptr));
  number(screen, 6, "refused measurements", node.refused());
  screen.diagnose(7, "anomaly score", words);
  screen.diagnose(8, "last two hours", core::model_word(recorder.kind()));
}

}  // namespace board
