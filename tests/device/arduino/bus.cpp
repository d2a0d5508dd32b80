// The board's sensors for a test in another language: what hangs on the bus are its functions.
#include "Wire.h"
#include "sensors.h"

Stage stage;
Bus Wire;

extern "C" {

board::Sensors* sensors_create(OnWrite on_write, OnRead on_read) {
  stage = Stage();
  Wire = Bus();
  Wire.on_write = on_write;
  Wire.on_read = on_read;
  return new board::Sensors(1);
}

void sensors_destroy(board::Sensors* sensors) { delete sensors; }

void sensors_find(board::Sensors* sensors) { sensors->find(); }

void sensors_find_again(board::Sensors* sensors) { sensors->find_again(); }

void sensors_measure(board::Sensors* sensors, uint32_t second, core::Climate* out) { *out = sensors->measure(second); }

const char* sensors_name(const board::Sensors* sensors) { return sensors->name(); }

int sensors_simulated(const board::Sensors* sensors) { return sensors->simulated() ? 1 : 0; }

uint32_t sensors_now() { return stage.now_ms; }

}
