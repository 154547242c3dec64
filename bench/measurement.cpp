#include "measurement.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace tidemark::bench {

Measurement parse_measurement(const std::string& output) {
  Measurement found;
  const auto at = output.rfind("records=");
  if (at == std::string::npos || std::sscanf(output.c_str() + at, "records=%lf seconds=%lf cpu=%lf rss_mib=%lf",
                                             &found.records, &found.seconds, &found.cpu, &found.rss_mib) != 4)
    throw std::runtime_error{"a contender failed:\n" + output};
  return found;
}

Summary summarise(std::vector<double> values) {
  std::ranges::sort(values);
  const auto half = values.size() / 2;
  const auto median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {values.front(), median, values.back()};
}

}  // namespace tidemark::bench
