// The connection to the broker: TLS on the WiFi module, MQTT on this processor.
#pragma once

#include <stdint.h>

namespace board {

class Broker {
 public:
  // Prepare once: authority, certificate, key, and the limits of the MQTT library.
  void begin();

  // Open TCP and TLS. Blocks for config::kTlsTimeoutMs and the name look-up.
  bool open_tls();

  // Say CONNECT and wait for the answer.
  bool connect();

  // Publish with QoS 1 and wait for the acknowledgement. The library closes the connection when none comes.
  bool publish(const char* topic, const char* payload, int16_t length);

  // Keep the connection alive. False: it is lost.
  bool alive();

  void close();
};

}  // namespace board
