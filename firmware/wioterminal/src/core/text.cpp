#include "exact.h"

#include "text.h"

#include <math.h>
#include <string.h>

namespace core {
namespace {

constexpr float kLimit = 1e6f;  // times 100 it still fits into 32 bits
constexpr uint8_t kDigits = 10;

}  // namespace

Text::Text(char* out, uint16_t capacity)
    : out_(out), next_(out), last_(capacity > 0 ? out + capacity - 1 : out), valid_(capacity > 0) {
  if (valid_) {
    *next_ = '\0';
  }
}

void Text::put(char letter) {
  if (next_ == last_) {
    valid_ = false;
    return;
  }
  *next_++ = letter;
  *next_ = '\0';
}

Text& Text::append(const char* words, size_t length) {
  const size_t room = static_cast<size_t>(last_ - next_);
  if (length > room) {
    valid_ = false;
    length = room;
  }
  memcpy(next_, words, length);
  next_ += length;
  if (length != 0) {
    *next_ = '\0';  // not without a letter: there may be no room for a NUL
  }
  return *this;
}

Text& Text::add(const char* words) { return append(words, strlen(words)); }

Text& Text::add(uint32_t number) {
  char digits[kDigits];
  char* const end = digits + kDigits;
  char* first = end;
  do {
    *--first = static_cast<char>('0' + number % 10u);
    number /= 10u;
  } while (number != 0);
  return append(first, static_cast<size_t>(end - first));
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
  if (next_ != out_ && next_[-1] != '{') {
    put(',');
  }
  put('"');
  add(name).add("\":");
}

Text& Text::member(const char* label, uint32_t value) {
  name(label);
  return add(value);
}

Text& Text::member(const char* label, float value) {
  name(label);
  return add_hundredths(value);
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
