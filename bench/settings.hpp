#pragma once

#include <cstdint>
#include <string>

namespace tidemark::bench {

/// What a benchmark is told on its command line.
struct Settings {
  std::uint64_t records = 0;
  int rounds = 5;
  std::string only{};                   ///< In "stores": one store. Empty: all.
  std::string librdkafka{};             ///< Path of another librdkafka for raw and tidemark; empty: the system's.
  std::string results = "build/bench";  ///< Folder for the figures.
  std::string commit = "unknown";       ///< What is measured.
};

}  // namespace tidemark::bench
