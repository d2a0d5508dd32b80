#include "exact.h"

#include "text.h"

#include <math.h>

namespace core {
namespace {

constexpr float kLimit = 1e6f;  // times 100 it still fits into 32 bits
constexpr uint8_t kDigits = 10;

}  // namespace

Text::Text(char* out, uint16_t capacity) : out_(out), capacity_(capacity), used_(0), valid_(capacity > 0) {
  if (valid_) {
    out_[0] = '\0';
  }
}

void Text::put(char letter) {
  if (used_ + 1 >= capacity_) {
    valid_ = false;
    return;
  }
  out_[used_++] = letter;
  out_[used_] = '\0';
}

Text& Text::add(const char* words) {
  while (*words != '\0') {
    put(*words++);
  }
  return *this;
}

Text& Text::add(uint32_t number) {
  char digits[kDigits];
  uint8_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10u);
    number /= 10u;
  } while (number != 0);
  while (count != 0) {
    put(digits[--count]);
  }
  return *this;
}

Text& Text::add_hundredths(float value) {
  if (!(fabsf(value) <= kLimit)) {
    valid_ = false;
    return *this;
  }
  const uint32_t hundredths = static_cast<uint32_t>(fabsf(value) * 100.0f + 0.5f);
  if (value < 0.0f && hundredths != 0) {
    put('-');
  }
  add(hundredths / 100u);
  const uint32_t rest = hundredths % 100u;
  if (rest != 0) {
    put('.');
    put(static_cast<char>('0' + rest / 10u));
    if (rest % 10u != 0) {
      put(static_cast<char>('0' + rest % 10u));
    }
  }
  return *this;
}

// A word may come from outside, such as the version that the WiFi module reports.
void Text::put_quoted(char letter) {
  if (letter == '"' || letter == '\\') {
    put('\\');
  }
  put(letter >= ' ' && letter <= '~' ? letter : '?');
}

void Text::name(const char* name) {
  if (used_ != 0 && out_[used_ - 1] != '{') {
    put(',');
  }
  put('"');
  add(name);
  put('"');
  put(':');
}

Text& Text::member(const char* label, uint32_t value) {
  name(label);
  return add(value);
}

Text& Text::member(const char* label, float value) {
  name(label);
  return add_hundredths(value);
}

Text& Text::member(const char* label, bool value) {
  name(label);
  return add(value ? "true" : "false");
}

Text& Text::member(const char* label, const char* value) {
  name(label);
  put('"');
  while (*value != '\0') {
    put_quoted(*value++);
  }
  put('"');
  return *this;
}

}  // namespace core
