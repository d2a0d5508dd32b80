#include "status.h"

#include <math.h>

#include "text.h"

namespace core {

int16_t write_status(char* out, uint16_t capacity, const Node& node, const Surroundings& around) {
  Text text(out, capacity);
  text.add("WIO1 {").member("device_id", around.device_id).member("firmware", around.firmware);
  text.member("radio", around.radio).member("sensor", around.sensor).member("reset", around.reset);
  text.member("state", state_name(node.state())).member("fault", fault_code(node.fault()));
  text.member("uptime", node.clock().uptime_s());
  text.member("epoch", node.clock().epoch_at(node.clock().uptime_s()));
  text.member("queued", static_cast<uint32_t>(node.queued())).member("dropped", node.dropped());
  text.member("refused", node.refused()).member("acknowledged", node.acknowledged());
  text.member("rssi", static_cast<float>(around.rssi));
  if (isfinite(around.temperature)) {
    text.member("temperature", around.temperature);
  }
  if (isfinite(around.humidity)) {
    text.member("humidity", around.humidity);
  }
  if (around.kind != kModelUnknown) {
    text.member("kind", model_word(around.kind));
  }
  text.add("}");
  return text.length();
}

}  // namespace core
