#include "settings.h"

#include <string.h>

namespace board {
namespace {

bool is_pem(const char* text) { return strstr(text, "-----BEGIN") != nullptr; }

}  // namespace

bool settings_complete() {
  return is_pem(secrets::kAuthority) && is_pem(secrets::kCertificate) && is_pem(secrets::kKey) &&
         secrets::kMqttHost[0] != '\0';
}

}  // namespace board
