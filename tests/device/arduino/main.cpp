// Runs the sketch on the stage. Orders, each a word and a number: run 60 (seconds), wifi 0, broker 1, ack 0, sensor 0,
// press 29 (a pin).
#include <stdlib.h>

#include "Arduino.h"
#include "chip.h"
#include "sensor_math.h"

Stage stage;
SerialPort Serial;
static Watchdog watchdog;
static Reset reset;
Watchdog* WDT = &watchdog;
Reset* RSTC = &reset;
Timer TimerTc3;
Bus Wire;
Network WiFi;

namespace board {
uint32_t serial_number() { return 7; }
}  // namespace board

size_t Bus::requestFrom(uint8_t, size_t count) {
  const uint8_t raw[] = {0x66, 0x66, 0, 0x72, 0xB0, 0};
  memcpy(answer, raw, sizeof raw);
  answer[2] = core::crc8(answer, 2);
  answer[5] = core::crc8(answer + 3, 2);
  at = 0;
  return stage.sensor ? count : 0;
}

void setup();
void loop();

int main(int count, char** words) {
  setup();
  for (int index = 1; index + 1 < count; index += 2) {
    const char* order = words[index];
    const uint32_t value = static_cast<uint32_t>(atoi(words[index + 1]));
    if (strcmp(order, "run") == 0) {
      for (const uint32_t end = stage.now_ms + value * 1000; stage.now_ms < end; stage.now_ms += 50) {
        loop();
      }
    } else if (strcmp(order, "press") == 0) {
      stage.pressed[value] = true;
      loop();
      stage.now_ms += 100;
      stage.pressed[value] = false;
      loop();
    } else {
      bool& changed = strcmp(order, "wifi") == 0     ? stage.wifi
                      : strcmp(order, "broker") == 0 ? stage.broker
                      : strcmp(order, "ack") == 0    ? stage.acknowledges
                                                     : stage.sensor;
      changed = value != 0;
    }
  }
}
