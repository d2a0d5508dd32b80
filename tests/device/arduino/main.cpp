// Runs the sketch on the stage. Orders, each a word and a number: run 60 (seconds), wifi 0, broker 1, ack 0, sensor 0,
// address 700 (milliseconds until the network gives one), press 29 (a pin). The board starts with the first run.
#include <stdlib.h>

#include "Arduino.h"
#include "Wire.h"
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

// An SHT4x at 0x44: its serial number, and 25 degrees Celsius at 50 percent.
static int acknowledge(uint32_t, uint8_t address, const uint8_t*, size_t) { return stage.sensor && address == 0x44; }

static size_t answer(uint32_t, uint8_t, uint8_t* bytes, size_t count) {
  const uint8_t raw[] = {0x66, 0x66, 0, 0x72, 0xB0, 0};
  memcpy(bytes, raw, sizeof raw);
  bytes[2] = core::crc8(bytes, 2);
  bytes[5] = core::crc8(bytes + 3, 2);
  return stage.sensor ? count : 0;
}

void setup();
void loop();

static void run(uint32_t seconds) {
  static bool started = false;
  if (!started) {
    started = true;
    setup();
  }
  for (const uint32_t end = stage.now_ms + seconds * 1000; stage.now_ms < end; stage.now_ms += 50) {
    loop();
  }
}

static void press(uint32_t pin) {
  stage.pressed[pin] = true;
  loop();
  stage.now_ms += 100;
  stage.pressed[pin] = false;
  loop();
}

static void set(const char* what, bool on) {
  bool& changed = strcmp(what, "wifi") == 0     ? stage.wifi
                  : strcmp(what, "broker") == 0 ? stage.broker
                  : strcmp(what, "ack") == 0    ? stage.acknowledges
                                                : stage.sensor;
  changed = on;
}

int main(int count, char** words) {
  Wire.on_write = acknowledge;
  Wire.on_read = answer;
  for (int index = 1; index + 1 < count; index += 2) {
    const char* order = words[index];
    const uint32_t value = static_cast<uint32_t>(atoi(words[index + 1]));
    if (strcmp(order, "run") == 0) {
      run(value);
    } else if (strcmp(order, "press") == 0) {
      press(value);
    } else if (strcmp(order, "address") == 0) {
      stage.address_ms = value;
    } else {
      set(order, value != 0);
    }
  }
}
