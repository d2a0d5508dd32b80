#include "broker.h"

#include <rpcWiFi.h>
#include <WiFiClientSecure.h>
#include <MQTT.h>

#include "config.h"
#include "settings.h"

namespace board {
namespace {

constexpr int kBufferBytes = 1024;  // topic, payload and header; the library's own 128 are too few

WiFiClientSecure tls;
MQTTClient mqtt(kBufferBytes);

}  // namespace

void Broker::begin() {
  tls.setCACert(secrets::kAuthority);
  tls.setCertificate(secrets::kCertificate);
  tls.setPrivateKey(secrets::kKey);
  mqtt.begin(tls);
  mqtt.setOptions(config::kKeepAliveS, true, config::kMqttTimeoutMs);
}

bool Broker::open_tls() {
  tls.stop();
  // With a time: without one the module repeats a handshake that cannot succeed for two minutes.
  return tls.connect(secrets::kMqttHost, secrets::kMqttPort, config::kTlsTimeoutMs) == 1;
}

bool Broker::connect() {
  const bool over_open_connection = true;
  return mqtt.connect(secrets::kDeviceId, over_open_connection);
}

bool Broker::publish(const char* topic, const char* payload, int16_t length) {
  return mqtt.publish(topic, payload, length, false, 1);
}

bool Broker::alive() { return mqtt.loop(); }

void Broker::close() {
  if (mqtt.connected()) {
    mqtt.disconnect();
  }
  tls.stop();
}

}  // namespace board
