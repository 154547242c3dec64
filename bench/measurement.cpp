#include "measurement.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

namespace tidemark::bench {

Measurement parse_measurement(const std::string& output) {
  const auto at = output.rfind("records=");
  if (at == std::string::npos) throw std::runtime_error{"a contender printed no figures:\n" + output};
  std::map<std::string, double> values;
  std::istringstream line{output.substr(at, output.find('\n', at) - at)};
  for (std::string word; line >> word;) {
    const auto equals = word.find('=');
    values[word.substr(0, equals)] = std::stod(word.substr(equals + 1));
  }
  return Measurement{std::move(values)};
}

Summary summarise(std::vector<double> values) {
  std::ranges::sort(values);
  const auto half = values.size() / 2;
  const auto median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {values.front(), median, values.back()};
}

std::string text(const Summary& summary, int digits) {
  return fmt::format("{:.{}f} [{:.{}f} – {:.{}f}]", summary.median, digits, summary.min, digits, summary.max, digits);
}

}  // namespace tidemark::bench
