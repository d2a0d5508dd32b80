// A bounded queue: when it is full the oldest goes, and is counted. The item that is being sent never goes.
#pragma once

#include <stdint.h>

namespace core {

template <typename Item, uint16_t Capacity>
class Ring {
  static_assert(Capacity >= 2, "one item may be held while others pass");

 public:
  uint16_t size() const { return size_; }
  uint32_t dropped() const { return dropped_; }
  const Item& front() const { return items_[head_]; }
  Item& at(uint16_t index) { return items_[slot(index)]; }

  // While it is held the front stays, and the one behind it goes instead.
  void hold() { held_ = true; }
  void release() { held_ = false; }

  void push(const Item& item) {
    if (size_ == Capacity) {
      if (held_) {
        items_[slot(1)] = items_[head_];
      }
      advance();
      ++dropped_;
    }
    items_[slot(size_)] = item;
    ++size_;
  }

  void pop() {
    held_ = false;
    if (size_ != 0) {
      advance();
    }
  }

 private:
  uint16_t slot(uint16_t index) const { return static_cast<uint16_t>((head_ + index) % Capacity); }
  void advance() {
    head_ = slot(1);
    --size_;
  }

  Item items_[Capacity] = {};
  uint16_t head_ = 0;
  uint16_t size_ = 0;
  uint32_t dropped_ = 0;
  bool held_ = false;
};

}  // namespace core
