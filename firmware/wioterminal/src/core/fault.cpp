#include "fault.h"

namespace core {
namespace {

struct Words {
  const char* code;
  const char* sentence;
};

constexpr Words kWords[kFaultCount] = {
    {"none", ""},
    {"radio", "WiFi module: update RTL8720 firmware"},
    {"wifi", "WiFi not joined: check name, password"},
    {"time", "No time from NTP: is UDP 123 open?"},
    {"time_wrong", "NTP gave a time that cannot be right"},
    {"tls", "No TLS: check host, CA, certificate"},
    {"mqtt_refused", "MQTT refused: check policy, client id"},
    {"not_acknowledged", "Not acknowledged: is sent again"},
    {"link_lost", "Connection lost"},
    {"payload", "Reading could not be written"},
    {"secrets", "secrets.h: a PEM is missing"},
};

}  // namespace

const char* fault_code(Fault fault) { return kWords[static_cast<uint8_t>(fault) % kFaultCount].code; }

const char* fault_words(Fault fault) { return kWords[static_cast<uint8_t>(fault) % kFaultCount].sentence; }

}  // namespace core
