// A Wio Terminal that sends temperature and humidity to AWS IoT. Everything is in src/: core decides, board does.
//
// The serial line says once a second how it stands, for instance:
//   WIO1 {"device_id":"wio-terminal-001","firmware":"1.0.0", ... ,"state":"online","fault":"none", ... }

#include "src/board/application.h"

void setup() {
  application::begin();
}

void loop() {
  application::run();
}
