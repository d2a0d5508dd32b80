// The board as a whole: what the core decides is done with radio, broker, sensor and screen.
#pragma once

namespace application {

void begin();
void run();

}  // namespace application
