// How secrets.h looks. `lab device secrets DEVICE_ID` writes it, with everything checked; copy by hand only in need.
// It holds the device's private key: git ignores it, give it to nobody.
#pragma once

#include <stdint.h>

namespace secrets {

constexpr char kWifiName[] = "name of a 2.4 or 5 GHz network";  // at most 31 bytes
constexpr char kWifiPassword[] = "its WPA2 password";           // 8 to 63 characters
constexpr char kDeviceId[] = "wio-terminal-001";                // thing name, client id and part of the topic
constexpr char kMqttHost[] = "xxxxxxxxxxxxxx-ats.iot.ap-northeast-1.amazonaws.com";
constexpr uint16_t kMqttPort = 8883;
constexpr char kNtpServer[] = "ntp.nict.jp";

// Each at most 4,000 bytes, one certificate without its chain.
constexpr char kAuthority[] =
    "-----BEGIN CERTIFICATE-----\n"
    "Amazon Root CA 1, or the embedded AWS's authority\n"
    "-----END CERTIFICATE-----\n";
constexpr char kCertificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "the device's certificate\n"
    "-----END CERTIFICATE-----\n";
constexpr char kKey[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "the device's private key\n"
    "-----END EC PRIVATE KEY-----\n";

}  // namespace secrets
