#include "screen_model.h"

#include <math.h>
#include <string.h>

#include "text.h"

namespace core {

void ScreenModel::show(Line line, const char* words) {
  char* shown = lines_[static_cast<uint8_t>(line)];
  if (strncmp(shown, words, kLineCapacity - 1) == 0) {
    return;
  }
  Text(shown, kLineCapacity).add(words);  // Text cuts what is too long and always ends it
  changed_[static_cast<uint8_t>(line)] = true;
}

void ScreenModel::update(const Node& node, const Surroundings& around) {
  char words[kLineCapacity];
  show(Line::kDevice, around.device_id);

  Text state(words, sizeof words);
  state.add(state_name(node.state()));
  if (node.wait_ms() != 0) {
    state.add(", next try in ").add(node.wait_ms() / 1000u).add(" s at most");
  }
  show(Line::kState, words);

  Text reading(words, sizeof words);
  reading.add_hundredths(around.temperature).add(" C");
  if (!isnan(around.humidity)) {
    reading.add("  ").add_hundredths(around.humidity).add(" %");
  }
  reading.add("  ").add(around.sensor);
  show(Line::kReading, words);

  Text queue(words, sizeof words);
  queue.add("sent ").add(node.acknowledged()).add("  waiting ").add(static_cast<uint32_t>(node.queued()));
  queue.add("  lost ").add(node.dropped());
  show(Line::kQueue, words);

  Text signal(words, sizeof words);
  signal.add("signal ").add_hundredths(static_cast<float>(around.rssi)).add(" dBm");
  show(Line::kSignal, words);

  show(Line::kFault, fault_words(node.fault()));
}

bool ScreenModel::take_change(Line line) {
  const bool changed = changed_[static_cast<uint8_t>(line)];
  changed_[static_cast<uint8_t>(line)] = false;
  return changed;
}

}  // namespace core
