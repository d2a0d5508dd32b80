#include "node.h"

namespace core {
namespace {

constexpr const char* kStateNames[] = {"waiting", "wifi", "time", "tls", "mqtt", "online"};
constexpr Step kNoStep = {Action::kNothing, 0};

// What it means that an action did not end in its time, in the order of Action.
constexpr Fault kLate[] = {Fault::kNone, Fault::kWifi,        Fault::kTime,           Fault::kTls,
                           Fault::kMqttRefused, Fault::kNotAcknowledged, Fault::kNone};

}  // namespace

const char* state_name(State state) { return kStateNames[static_cast<uint8_t>(state)]; }

void Node::enter(State state, uint32_t now_ms) {
  state_ = state;
  entered_ms_ = now_ms;
  doing_ = Action::kNothing;
}

Step Node::begin(Action action, uint32_t now_ms) {
  doing_ = action;
  begun_ms_ = now_ms;
  ++number_;
  return {action, number_};
}

bool Node::timed_out(uint32_t now_ms) const {
  if (doing_ == Action::kNothing) {
    return false;
  }
  return now_ms - begun_ms_ > (doing_ == Action::kPublish ? kPublishMs : kStepMs);
}

Step Node::tick(uint32_t now_ms) {
  clock_.advance(now_ms);
  if (timed_out(now_ms)) {
    failed(number_, kLate[static_cast<uint8_t>(doing_)], now_ms);
  }
  if (close_) {
    close_ = false;
    return {Action::kClose, 0};
  }
  return doing_ == Action::kNothing ? next(now_ms) : kNoStep;
}

Step Node::next(uint32_t now_ms) {
  switch (state_) {
    case State::kWaiting:
      if (now_ms - entered_ms_ < wait_ms_) {
        return kNoStep;
      }
      first_number_ = number_ + 1u;
      enter(State::kWifi, now_ms);
      return begin(Action::kJoinWifi, now_ms);
    case State::kTime:
      return begin(Action::kAskTime, now_ms);
    case State::kTls:
      return begin(Action::kOpenTls, now_ms);
    case State::kMqtt:
      return begin(Action::kConnectMqtt, now_ms);
    default:
      return next_online(now_ms);
  }
}

Step Node::next_online(uint32_t now_ms) {
  if (now_ms - entered_ms_ >= kStableMs) {
    backoff_.reset();
  }
  if (queue_.size() != 0) {
    queue_.hold();
    return begin(Action::kPublish, now_ms);
  }
  return needs_time() ? begin(Action::kAskTime, now_ms) : kNoStep;
}

bool Node::awaited(uint32_t number) const { return doing_ != Action::kNothing && number == number_; }

bool Node::succeeded(uint32_t number, uint32_t now_ms) {
  if (!awaited(number)) {
    return false;
  }
  switch (doing_) {
    case Action::kAskTime:
      return false;
    case Action::kJoinWifi:
      enter(needs_time() ? State::kTime : State::kTls, now_ms);
      break;
    case Action::kOpenTls:
      enter(State::kMqtt, now_ms);
      break;
    case Action::kConnectMqtt:
      fault_ = Fault::kNone;
      enter(State::kOnline, now_ms);
      break;
    default:
      doing_ = Action::kNothing;
      queue_.pop();
      ++acknowledged_;
      break;
  }
  return true;
}

bool Node::failed(uint32_t number, Fault fault, uint32_t now_ms) {
  if (state_ == State::kWaiting || number - first_number_ > number_ - first_number_) {
    return false;
  }
  fault_ = fault;
  if (doing_ == Action::kAskTime && number == number_ && clock_.is_set()) {
    time_ended(kTimeRetryS, now_ms);
    return true;
  }
  queue_.release();
  close_ = true;
  wait_ms_ = backoff_.next();
  enter(State::kWaiting, now_ms);
  return true;
}

bool Node::needs_time() const { return !clock_.is_set() || clock_.uptime_s() >= ask_time_s_; }

void Node::time_ended(uint32_t again_s, uint32_t now_ms) {
  ask_time_s_ = clock_.uptime_s() + again_s;
  if (state_ == State::kTime) {
    enter(State::kTls, now_ms);
  } else {
    doing_ = Action::kNothing;
  }
}

bool Node::set_time(uint32_t number, uint32_t epoch_s, uint32_t now_ms) {
  if (!awaited(number) || doing_ != Action::kAskTime) {
    return false;
  }
  clock_.advance(now_ms);
  if (!clock_.set(epoch_s)) {
    failed(number, Fault::kTimeWrong, now_ms);
    return false;
  }
  if (state_ == State::kOnline) {
    fault_ = Fault::kNone;
  }
  time_ended(kTimeAgainS, now_ms);
  for (uint16_t index = 0; index < queue_.size(); ++index) {
    Reading& reading = queue_.at(index);
    if (reading.timestamp == 0) {
      stamp(reading);
    }
  }
  return true;
}

// Timestamps only grow, also when the server's time goes back a little: (device_id, timestamp) is a reading's identity.
// When it goes back far, confirmed by a second answer, the stamps before it were wrong and do not hold later ones up.
void Node::stamp(Reading& reading) {
  const uint32_t epoch = clock_.epoch_at(reading.uptime_s);
  const bool behind = epoch <= last_stamp_ && last_stamp_ - epoch <= kAgreeS;
  reading.timestamp = behind ? last_stamp_ + 1u : epoch;
  last_stamp_ = reading.timestamp;
}

bool Node::take(Reading reading, uint32_t now_ms) {
  clock_.advance(now_ms);
  if (!plausible(reading)) {
    ++refused_;
    return false;
  }
  reading.uptime_s = clock_.uptime_s();
  reading.dropped = queue_.dropped();
  reading.timestamp = 0;
  if (clock_.is_set()) {
    stamp(reading);
  }
  queue_.push(reading);
  return true;
}

}  // namespace core
