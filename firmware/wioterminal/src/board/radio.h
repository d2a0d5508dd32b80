// The WiFi module as a client of a network: join, time of day, signal, version of its firmware.
#pragma once

#include <stdint.h>

namespace board {

class Radio {
 public:
  // Join the network of secrets.h. Blocks for seconds, and for ever with an old firmware in the module.
  bool join();

  // Whether the network is still joined. A call to the module.
  bool joined();

  // Unix seconds from the time server, or 0. Blocks for a second at most, and the look-up of the server's name.
  uint32_t ask_time();

  // Received signal in dBm, 0 while not joined.
  int8_t rssi();

  // Version of the module's firmware, "" until the network was joined once.
  const char* version() const { return version_; }

 private:
  bool has_address();
  void ask_version();

  char version_[16] = "";
};

}  // namespace board
