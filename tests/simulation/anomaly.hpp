#pragma once

#include <string>
#include <vector>

namespace simulation {

/// What must never happen, by its class.
struct Anomaly {
  std::string kind;
  std::string text;
};

using Anomalies = std::vector<Anomaly>;

}  // namespace simulation
