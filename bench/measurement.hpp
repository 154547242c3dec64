#pragma once

#include <string>
#include <vector>

namespace tidemark::bench {

/// One run of a contender.
struct Measurement {
  double records = 0;
  double seconds = 0;
  double cpu = 0;      ///< Seconds, of the whole process.
  double rss_mib = 0;  ///< Peak.

  double rate() const { return records / seconds / 1e6; }  ///< Millions a second.
  double cpu_per_million() const { return cpu / records * 1e6; }
};

/// Reads a contender's last line. Throws std::runtime_error with all of its output where there is none.
Measurement parse_measurement(const std::string& output);

struct Summary {
  double min = 0;
  double median = 0;
  double max = 0;

  /// How far the values lie apart, as a part of the median.
  double spread() const { return (max - min) / median; }
};

Summary summarise(std::vector<double> values);

}  // namespace tidemark::bench
