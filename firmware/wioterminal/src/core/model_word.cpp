#include "model.h"

namespace core {
namespace {

constexpr const char* kClasses[] = {"normal", "spike", "jump", "drift", "noise", "stuck"};
constexpr int8_t kClassCount = static_cast<int8_t>(sizeof kClasses / sizeof kClasses[0]);

}  // namespace

const char* model_word(int8_t kind) { return kind < 0 || kind >= kClassCount ? "" : kClasses[kind]; }

}  // namespace core
