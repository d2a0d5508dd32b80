// A stand-in for the Arduino core and the board's libraries: enough to run src/board on this computer.
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

constexpr int LOW = 0, HIGH = 1, INPUT_PULLUP = 2;
constexpr uint8_t WIO_KEY_A = 28, WIO_KEY_B = 29, WIO_KEY_C = 30;

// The stage: what the outside world does, and what came out. The test's main() plays with it.
struct Stage {
  uint32_t now_ms = 0;
  bool wifi = true, broker = true, acknowledges = true, sensor = true;
  uint32_t address_ms = 700;  // how long after joining the network gives an address
  uint32_t epoch_s = 1750000000;
  bool pressed[40] = {};
};
extern Stage stage;

inline uint32_t millis() { return stage.now_ms; }
inline void delay(uint32_t ms) { stage.now_ms += ms; }
inline void pinMode(uint8_t, int) {}
inline int digitalRead(uint8_t pin) { return stage.pressed[pin] ? LOW : HIGH; }

struct SerialPort {
  void begin(uint32_t) {}
  bool dtr() { return true; }
  void println(const char* line) { printf("%s\n", line); }
};
extern SerialPort Serial;

struct Register {
  uint32_t reg = 0;
};
struct Watchdog {
  Register CLEAR, CONFIG, CTRLA, SYNCBUSY;
};
struct Reset {
  Register RCAUSE;
};
extern Watchdog* WDT;
extern Reset* RSTC;
constexpr uint32_t WDT_CLEAR_CLEAR_KEY = 0xA5, WDT_CONFIG_PER_CYC8192 = 10, WDT_CTRLA_ENABLE = 2;
constexpr uint8_t RSTC_RCAUSE_WDT = 32, RSTC_RCAUSE_SYST = 64, RSTC_RCAUSE_EXT = 16;
constexpr uint8_t RSTC_RCAUSE_BODCORE = 2, RSTC_RCAUSE_BODVDD = 4;

struct Timer {
  void initialize(long) {}
  void attachInterrupt(void (*)()) {}
};
extern Timer TimerTc3;

enum { WIFI_STA = 1, WL_IDLE_STATUS = 0, WL_CONNECTED = 3, WL_CONNECT_FAILED = 4, WL_DISCONNECTED = 6 };
struct Network {
  bool joined = false;
  uint32_t joined_ms = 0;
  void mode(int) {}
  void disconnect() { joined = false; }
  // As the library: it comes back before the module told of the address, which another task notes.
  int begin(const char*, const char*) {
    joined = stage.wifi;
    joined_ms = stage.now_ms;
    return joined ? status() : WL_CONNECT_FAILED;
  }
  int status() {
    joined = joined && stage.wifi;
    if (!joined) {
      return WL_DISCONNECTED;
    }
    return stage.now_ms - joined_ms < stage.address_ms ? WL_IDLE_STATUS : WL_CONNECTED;
  }
  int8_t RSSI() { return -61; }
};
extern Network WiFi;
inline char* rpc_system_version() {
  static char version[] = "2.1.3";
  return version;
}

struct WiFiUDP {};
struct NTPClient {
  NTPClient(WiFiUDP&, const char*) {}
  void begin() {}
  void end() {}
  bool forceUpdate() { return stage.epoch_s != 0; }
  unsigned long getEpochTime() { return stage.epoch_s + stage.now_ms / 1000; }
};

struct WiFiClientSecure {
  void setCACert(const char*) {}
  void setCertificate(const char*) {}
  void setPrivateKey(const char*) {}
  int connect(const char*, uint16_t, int32_t) { return stage.broker ? 1 : 0; }
  void stop() {}
};
struct MQTTClient {
  bool open = false;
  explicit MQTTClient(int) {}
  void begin(WiFiClientSecure&) {}
  void setOptions(int, bool, int) {}
  bool connect(const char*, bool) { return open = stage.broker; }
  bool connected() { return open && stage.broker; }
  bool loop() { return open = connected(); }
  void disconnect() { open = false; }
  bool publish(const char* topic, const char* payload, int length, bool, int qos) {
    open = connected() && stage.acknowledges;
    if (open) {
      printf("%s %d %.*s\n", topic, qos, length, payload);
    }
    return open;
  }
};

enum { TFT_BLACK, TFT_WHITE, TFT_CYAN, TFT_GREEN, TFT_LIGHTGREY, TFT_RED, TFT_ORANGE };
struct TFT_eSPI {
  void begin() {}
  void setRotation(uint8_t) {}
  void fillScreen(uint32_t) {}
  void setTextColor(uint16_t, uint16_t) {}
  void setTextPadding(uint16_t) {}
  void drawString(const char* words, int32_t, int32_t, uint8_t) { printf("LCD %s\n", words); }
  void fillRect(int32_t, int32_t, int32_t, int32_t, uint32_t) {}
};
inline size_t xPortGetFreeHeapSize() { return 30000; }
inline uint32_t uxTaskGetStackHighWaterMark(void*) { return 2000; }
