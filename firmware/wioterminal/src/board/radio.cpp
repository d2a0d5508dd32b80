#include "radio.h"

// rpcWiFi.h first: the other libraries are found by it.
#include <rpcWiFi.h>
#include <WiFiUdp.h>
#include <NTPClient.h>

#include "config.h"
#include "settings.h"

namespace board {
namespace {

constexpr uint32_t kPollMs = 50;

WiFiUDP udp;
NTPClient time_server(udp, secrets::kNtpServer);

}  // namespace

bool Radio::join() {
  WiFi.mode(WIFI_STA);
  WiFi.disconnect();
  if (WiFi.begin(secrets::kWifiName, secrets::kWifiPassword) == WL_CONNECT_FAILED || !has_address()) {
    return false;
  }
  ask_version();
  return true;
}

// The module tells of the address by an event, which another task notes: perhaps after begin() came back.
bool Radio::has_address() {
  const uint32_t begun_ms = millis();
  while (!joined()) {
    if (millis() - begun_ms > config::kAddressMs) {
      return false;
    }
    delay(kPollMs);
  }
  return true;
}

bool Radio::joined() { return WiFi.status() == WL_CONNECTED; }

int8_t Radio::rssi() { return WiFi.RSSI(); }

uint32_t Radio::ask_time() {
  time_server.begin();
  const bool answered = time_server.forceUpdate();
  time_server.end();
  return answered ? static_cast<uint32_t>(time_server.getEpochTime()) : 0;
}

// Once a start: a call that some firmware does not answer. What it returns is not ours to free.
void Radio::ask_version() {
  if (version_[0] != '\0') {
    return;
  }
  const char* answer = rpc_system_version();
  if (answer != nullptr) {
    strncpy(version_, answer, sizeof version_ - 1);
  }
}

}  // namespace board
