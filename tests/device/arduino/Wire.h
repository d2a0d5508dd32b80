// A stand-in for the Wire library. What hangs on the bus is the test's: it answers writes and reads.
#pragma once

#include "Arduino.h"

// The time, the address and the bytes. A write returns whether all was acknowledged, a read how many bytes came.
using OnWrite = int (*)(uint32_t now_ms, uint8_t address, const uint8_t* bytes, size_t count);
using OnRead = size_t (*)(uint32_t now_ms, uint8_t address, uint8_t* bytes, size_t count);

struct Bus {
  static constexpr size_t kRoom = 64;

  OnWrite on_write = nullptr;
  OnRead on_read = nullptr;
  uint8_t address = 0, out[kRoom] = {}, in[kRoom] = {};
  size_t written = 0, came = 0, taken = 0;

  void begin() {}
  void setClock(uint32_t) {}
  void beginTransmission(uint8_t to) {
    address = to;
    written = 0;
  }
  size_t write(const uint8_t* bytes, size_t count) {
    count = count < kRoom - written ? count : kRoom - written;
    memcpy(out + written, bytes, count);
    written += count;
    return count;
  }
  uint8_t endTransmission() { return on_write(stage.now_ms, address, out, written) != 0 ? 0 : 2; }
  uint8_t requestFrom(uint8_t from, size_t count) {
    taken = 0;
    came = on_read(stage.now_ms, from, in, count < kRoom ? count : kRoom);
    return static_cast<uint8_t>(came);
  }
  int read() { return taken < came ? in[taken++] : -1; }
};
extern Bus Wire;
