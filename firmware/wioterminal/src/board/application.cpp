#include "application.h"

#include <Arduino.h>

#include "../core/payload.h"
#include "../core/recorder.h"
#include "../core/screen_model.h"
#include "../core/status.h"
#include "broker.h"
#include "buttons.h"
#include "chip.h"
#include "config.h"
#include "diagnostics.h"
#include "radio.h"
#include "screen.h"
#include "sensors.h"
#include "settings.h"
#include "version.h"
#include "watchdog.h"

namespace application {
namespace {

constexpr uint8_t kLookAgainAfter = 3;  // failed measurements in a row
constexpr uint32_t kDayS = 86400;

const core::DeviceId device_id(secrets::kDeviceId);
core::Node node(board::serial_number());
core::Recorder recorder;
core::ScreenModel model;
board::Radio radio;
board::Broker broker;
board::Sensors sensors(board::serial_number());
board::Screen screen;
board::Buttons buttons;

core::Climate climate = {NAN, NAN, false};
const char* reset_cause = "";
uint32_t link = 0;  // the step that opened the present connection
uint32_t reading_ms = 0;
uint32_t status_ms = 0;
uint32_t link_check_ms = 0;
int8_t rssi = 0;
uint8_t failures = 0;
bool injecting = false;

core::Surroundings around() {
  return {secrets::kDeviceId, board::kFirmware, radio.version(), sensors.name(), reset_cause, rssi,
          climate.temperature, climate.humidity, recorder.kind()};
}

// One line on serial, if somebody listens: without a listener the bytes are dropped, never waited for.
void write_status() {
  static char line[core::kStatusCapacity];
  if (Serial.dtr() && core::write_status(line, sizeof line, node, around()) > 0) {
    Serial.println(line);
  }
}

void show() {
  model.update(node, around());
  screen.show(model, recorder.chart());
  if (screen.diagnostics()) {
    board::diagnose(screen, node, radio.version(), reset_cause, recorder);
  }
}

void measure(uint32_t now_ms) {
  if (sensors.simulated()) {
    sensors.find_again();
  }
  const core::Clock& clock = node.clock();
  const uint32_t second = clock.is_set() ? clock.epoch_at(clock.uptime_s()) : clock.uptime_s();
  core::Climate measured = sensors.measure(second % kDayS);
  if (injecting) {
    measured.temperature += config::kInjectedDegrees;
  }
  failures = measured.valid ? 0 : static_cast<uint8_t>(failures + 1);
  if (failures == kLookAgainAfter) {
    failures = 0;
    sensors.find_again();
  }
  if (recorder.record(node, measured, sensors.simulated() || injecting, now_ms)) {
    climate = measured;
  }
}

void end(const core::Step& step, bool done, core::Fault fault) {
  if (done) {
    node.succeeded(step.number, millis());
  } else {
    node.failed(step.number, fault, millis());
  }
}

void publish(const core::Step& step) {
  static char topic[core::kTopicCapacity];
  static char payload[core::kPayloadCapacity];
  const int16_t length = core::write_payload(payload, sizeof payload, device_id, node.outgoing());
  if (length < 0 || core::write_topic(topic, sizeof topic, device_id) < 0) {
    node.failed(step.number, core::Fault::kPayload, millis());
    return;
  }
  end(step, broker.publish(topic, payload, length), core::Fault::kNotAcknowledged);
}

void join(const core::Step& step) {
  if (!device_id.valid() || !board::settings_complete()) {
    node.failed(step.number, core::Fault::kSecrets, millis());
    return;
  }
  end(step, radio.join(), core::Fault::kWifi);
}

void tell_time(const core::Step& step) {
  const uint32_t epoch = radio.ask_time();
  if (epoch == 0) {
    node.failed(step.number, core::Fault::kTime, millis());
  } else {
    node.set_time(step.number, epoch, millis());
  }
}

void carry_out(const core::Step& step) {
  switch (step.action) {
    case core::Action::kJoinWifi:
      join(step);
      break;
    case core::Action::kAskTime:
      tell_time(step);
      break;
    case core::Action::kOpenTls:
      link = step.number;
      end(step, broker.open_tls(), core::Fault::kTls);
      break;
    case core::Action::kConnectMqtt:
      end(step, broker.connect(), core::Fault::kMqttRefused);
      break;
    case core::Action::kPublish:
      publish(step);
      break;
    default:
      broker.close();
      break;
  }
}

// What the core asks for, one step a turn. Before a step that blocks, screen and serial say which it is.
void step(uint32_t now_ms) {
  const core::Step next = node.tick(now_ms);
  if (next.action == core::Action::kNothing) {
    return;
  }
  if (next.action != core::Action::kPublish) {
    show();
    write_status();
  }
  board::watchdog::allow(config::kRadioBudgetMs);
  carry_out(next);
  board::watchdog::allow(config::kUsualBudgetMs);
}

void check_link(uint32_t now_ms) {
  if (node.state() != core::State::kOnline) {
    return;
  }
  board::watchdog::allow(config::kRadioBudgetMs);
  bool lost = !broker.alive();
  if (now_ms - link_check_ms >= config::kLinkCheckMs) {
    link_check_ms = now_ms;
    lost = lost || !radio.joined();
    rssi = radio.rssi();
  }
  board::watchdog::allow(config::kUsualBudgetMs);
  if (lost) {
    node.failed(link, core::Fault::kLinkLost, millis());
  }
}

void answer_buttons(uint32_t now_ms) {
  if (buttons.pressed(board::Button::kA, now_ms)) {
    reading_ms = now_ms - config::kReadingMs;
  }
  if (buttons.pressed(board::Button::kB, now_ms)) {
    screen.toggle_diagnostics();
  }
  if (buttons.pressed(board::Button::kC, now_ms)) {
    injecting = !injecting;
  }
}

}  // namespace

void begin() {
  reset_cause = board::watchdog::reset_cause();
  Serial.begin(115200);
  screen.begin();
  // It stays if the module's firmware is too old to answer: then the first call to it never returns.
  screen.say(core::fault_words(core::Fault::kRadio));
  buttons.begin();
  board::watchdog::begin();  // before the first call that may hang: a broken bus holds the library up for ever
  sensors.find();
  broker.begin();
  reading_ms = millis() - config::kReadingMs;
}

void run() {
  const uint32_t now_ms = millis();
  board::watchdog::allow(config::kUsualBudgetMs);
  answer_buttons(now_ms);
  if (now_ms - reading_ms >= config::kReadingMs) {
    reading_ms = now_ms - (now_ms - reading_ms) % config::kReadingMs;  // late once is not late for ever
    measure(now_ms);
  }
  check_link(now_ms);
  step(millis());
  if (millis() - status_ms >= config::kStatusMs) {
    status_ms = millis();
    show();
    write_status();
  }
}

}  // namespace application
