#pragma once

#include <map>
#include <string>
#include <vector>

namespace tidemark::bench {

/// One run of a contender: what its last line told, by name.
class Measurement {
 public:
  explicit Measurement(std::map<std::string, double> values) : values_{std::move(values)} {}

  double rate() const { return at("records") / at("seconds") / 1e6; }  ///< Millions a second.
  double seconds_per_million() const { return at("seconds") / at("records") * 1e6; }
  double cpu_per_million() const { return at("cpu") / at("records") * 1e6; }
  double rss_mib() const { return at("rss_mib"); }  ///< Peak.
  double stalls() const { return at("stalls"); }
  double startup_seconds() const { return at("startup_seconds"); }
  double p50_ms() const { return at("p50_ms"); }
  double p99_ms() const { return at("p99_ms"); }
  double cpu_percent() const { return at("cpu_percent"); }  ///< Of one core.
  double wakeups() const { return at("wakeups"); }          ///< Of all threads, a second.

  double pause_ms() const { return at("pause_ms"); }              ///< The longest, of any partition that was kept.
  double quiet_pause_ms() const { return at("quiet_pause_ms"); }  ///< The same while nobody comes or goes.

  const std::map<std::string, double>& values() const { return values_; }

 private:
  double at(const char* name) const { return values_.at(name); }

  std::map<std::string, double> values_;
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

/// "median [min – max]"
std::string text(const Summary& summary, int digits = 3);

}  // namespace tidemark::bench
