#include "screen.h"

#include <TFT_eSPI.h>

namespace board {
namespace {

constexpr int16_t kWidth = 320;
constexpr int16_t kMargin = 8;
constexpr int16_t kChartTop = 150;
constexpr int16_t kChartHeight = 80;
constexpr int16_t kChartStep = 5;  // pixels a minute
constexpr int16_t kRowHeight = 24;

// Where a line of the model stands, with which of the library's fonts, in which colour.
struct Style {
  int16_t top;
  uint8_t font;
  uint16_t colour;
};

constexpr Style kStyles[core::kLineCount] = {
    {4, 4, TFT_WHITE},       // device
    {32, 2, TFT_CYAN},       // state
    {54, 4, TFT_GREEN},      // reading
    {84, 2, TFT_LIGHTGREY},  // queue
    {104, 2, TFT_LIGHTGREY},  // signal
    {124, 2, TFT_RED},       // fault
};

TFT_eSPI tft;

}  // namespace

void Screen::begin() {
  tft.begin();
  tft.setRotation(3);
  clear();
}

void Screen::clear() {
  tft.fillScreen(TFT_BLACK);
  all_ = true;
}

void Screen::say(const char* words) {
  tft.fillScreen(TFT_BLACK);
  tft.setTextColor(TFT_WHITE, TFT_BLACK);
  tft.drawString(words, kMargin, kChartTop / 2, 2);
  all_ = true;
}

void Screen::show(core::ScreenModel& model, const core::Chart& chart) {
  if (diagnostics_) {
    return;
  }
  if (all_) {
    tft.fillScreen(TFT_BLACK);
  }
  for (uint8_t index = 0; index < core::kLineCount; ++index) {
    const core::Line line = static_cast<core::Line>(index);
    if (model.take_change(line) || all_) {
      draw_line(line, model.line(line));
    }
  }
  draw_chart(chart);
  all_ = false;
}

void Screen::draw_line(core::Line line, const char* words) {
  const Style& style = kStyles[static_cast<uint8_t>(line)];
  tft.setTextColor(style.colour, TFT_BLACK);
  tft.setTextPadding(kWidth - 2 * kMargin);  // clears what was there
  tft.drawString(words, kMargin, style.top, style.font);
}

// A column a minute; all columns again when a minute began, for the scale changes with the hour's values.
void Screen::draw_chart(const core::Chart& chart) {
  if (chart.size() == 0) {
    return;
  }
  const float last = chart.at(static_cast<uint8_t>(chart.size() - 1));
  if (!all_ && chart.size() == drawn_minutes_ && last == drawn_last_) {
    return;
  }
  drawn_minutes_ = chart.size();
  drawn_last_ = last;
  tft.fillRect(kMargin, kChartTop, core::kChartMinutes * kChartStep, kChartHeight, TFT_BLACK);
  for (uint8_t index = 0; index < chart.size(); ++index) {
    if (chart.has(index)) {
      const int16_t height = static_cast<int16_t>(chart.height(index, kChartHeight) + 1);
      tft.fillRect(kMargin + index * kChartStep, kChartTop + kChartHeight - height, kChartStep - 1, height, TFT_ORANGE);
    }
  }
}

bool Screen::toggle_diagnostics() {
  diagnostics_ = !diagnostics_;
  clear();
  return diagnostics_;
}

void Screen::diagnose(uint8_t row, const char* label, const char* value) {
  const int16_t top = static_cast<int16_t>(kMargin + row * kRowHeight);
  tft.setTextColor(TFT_LIGHTGREY, TFT_BLACK);
  tft.setTextPadding(0);
  tft.drawString(label, kMargin, top, 2);
  tft.setTextColor(TFT_WHITE, TFT_BLACK);
  tft.setTextPadding(kWidth / 2);
  tft.drawString(value, kWidth / 2, top, 2);
}

}  // namespace board
