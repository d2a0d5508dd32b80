// The board's sensors for a test in another language: what hangs on the bus are its functions.
#include "Wire.h"
#include "sensors.h"

Stage stage;
Bus Wire;
static board::Sensors sensors(1);

extern "C" {

// Switch the board on, with this on its bus.
void sensors_begin(OnWrite on_write, OnRead on_read) {
  stage = Stage();
  Wire = Bus();
  Wire.on_write = on_write;
  Wire.on_read = on_read;
  sensors = board::Sensors(1);
  sensors.find();
}

void sensors_find_again() { sensors.find_again(); }

void sensors_measure(uint32_t second, core::Climate* out) { *out = sensors.measure(second); }

const char* sensors_name() { return sensors.name(); }

int sensors_simulated() { return sensors.simulated() ? 1 : 0; }

uint32_t sensors_now() { return stage.now_ms; }

}
