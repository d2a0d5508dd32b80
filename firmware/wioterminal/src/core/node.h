// The device as a state machine: WiFi, time, TLS, MQTT, online. It does nothing itself: tick() says what the port must do
// next, and the port reports how that ended. Readings wait in a queue until the broker has acknowledged them.
#pragma once

#include <stdint.h>

#include "backoff.h"
#include "clock.h"
#include "contract.h"
#include "fault.h"
#include "ring.h"

namespace core {

constexpr uint16_t kQueueCapacity = 360;      // readings: half an hour at one in five seconds
constexpr uint32_t kStepMs = 20000;           // a step may take so long until it counts as failed
constexpr uint32_t kPublishMs = 10000;        // and an acknowledgement so long
constexpr uint32_t kStableMs = 60000;         // online for so long: the next wait is short again
constexpr uint32_t kTimeAgainS = 24u * 3600u;  // ask for the time again after a day,
constexpr uint32_t kTimeRetryS = 3600;        // or after an hour when that failed

enum class State : uint8_t { kWaiting, kWifi, kTime, kTls, kMqtt, kOnline };

enum class Action : uint8_t { kNothing, kJoinWifi, kAskTime, kOpenTls, kConnectMqtt, kPublish, kClose };

// What the port must do, and the number under which it reports: the end of an older step is thereby recognised.
struct Step {
  Action action;
  uint32_t number;
};

class Node {
 public:
  // seed: differs between devices, so that they do not come back all at once.
  explicit Node(uint32_t seed) : backoff_(seed) {}

  // What to do now. A step is given once; report its end by succeeded(), set_time() or failed() with its number.
  // kNothing and kClose have number 0 and need no report.
  Step tick(uint32_t now_ms);

  // The step ended well: the next state follows. After kPublish it means: acknowledged. False, and without effect, if
  // the step is not the one that is awaited, or is kAskTime, which set_time() ends.
  bool succeeded(uint32_t number, uint32_t now_ms);

  // The time that kAskTime brought. Readings taken before are stamped now. False if the step is not awaited or the
  // clock does not believe the answer (Clock::set); then the step has failed.
  bool set_time(uint32_t number, uint32_t epoch_s, uint32_t now_ms);

  // The step failed, or the link that it opened broke later: everything is closed and tried again after a wait. False,
  // and without effect, if the step belongs to a connection that was given up before. A device whose clock runs stays
  // as it is when it could not ask for the time again.
  bool failed(uint32_t number, Fault fault, uint32_t now_ms);

  // Queue a reading, stamped if the clock is set. Implausible ones are refused and counted.
  bool take(Reading reading, uint32_t now_ms);

  // Count a measurement that is no reading: a wrong checksum, a sensor that was not ready.
  void refuse() { ++refused_; }

  // Let the clock follow the counter of milliseconds; tick() and take() do it too.
  void follow(uint32_t now_ms) { clock_.advance(now_ms); }

  // The reading to publish; the same one, with the same timestamp, until it is acknowledged.
  const Reading& outgoing() const { return queue_.front(); }

  State state() const { return state_; }
  Fault fault() const { return fault_; }
  const Clock& clock() const { return clock_; }
  uint16_t queued() const { return queue_.size(); }
  uint32_t dropped() const { return queue_.dropped(); }
  uint32_t refused() const { return refused_; }
  uint32_t acknowledged() const { return acknowledged_; }
  uint32_t wait_ms() const { return state_ == State::kWaiting ? wait_ms_ : 0; }

 private:
  void enter(State state, uint32_t now_ms);
  Step begin(Action action, uint32_t now_ms);
  Step next(uint32_t now_ms);
  Step next_online(uint32_t now_ms);
  bool awaited(uint32_t number) const;
  bool timed_out(uint32_t now_ms) const;
  bool needs_time() const;
  void time_ended(uint32_t again_s, uint32_t now_ms);
  void stamp(Reading& reading);

  Backoff backoff_;
  Clock clock_;
  Ring<Reading, kQueueCapacity> queue_;
  State state_ = State::kWaiting;
  Fault fault_ = Fault::kNone;
  Action doing_ = Action::kNothing;  // the step whose end is awaited
  bool close_ = false;
  uint32_t number_ = 0;        // of the last step
  uint32_t first_number_ = 1;  // of the first step of this connection
  uint32_t entered_ms_ = 0;
  uint32_t begun_ms_ = 0;
  uint32_t wait_ms_ = 0;
  uint32_t ask_time_s_ = 0;
  uint32_t last_stamp_ = 0;
  uint32_t refused_ = 0;
  uint32_t acknowledged_ = 0;
};

// The state's name on the serial line: "waiting", "wifi", "time", "tls", "mqtt", "online".
const char* state_name(State state);

}  // namespace core
