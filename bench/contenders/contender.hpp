#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tidemark::bench {

/// What every contender is told.
struct ConsumeOptions {
  std::string brokers;
  std::string topic;
  std::string group;
  std::uint64_t records = 0;  ///< Ends after so many.
  std::size_t batch = 10'000;
  std::uint64_t work_ns = 0;   ///< What the handler does with each record takes so long.
  std::string store = "none";  ///< Where tidemark keeps offsets: none, file or kafka.
  std::string offsets;         ///< The file store's folder.
  std::size_t ahead = 1;       ///< Batches that may be uncommitted.
};

/// Exits with a usage message where the command line does not fit.
ConsumeOptions parse_options(int argc, char** argv);

/// Spins, as a handler that computes would.
void work(std::chrono::nanoseconds time);

/// Measures from the first record to the last, and prints the line that the bench reads.
class Stopwatch {
 public:
  /// To be called with the size of each batch; returns whether there were records enough.
  bool add(std::size_t records, std::uint64_t checksum, std::uint64_t wanted);

  /// `records=… seconds=… cpu=… rss_mib=…`: seconds between the first batch and the last, CPU and memory of the whole process.
  void print() const;

 private:
  std::chrono::steady_clock::time_point first_{};
  std::chrono::steady_clock::time_point last_{};
  std::uint64_t records_ = 0;
  std::uint64_t checksum_ = 0;  // printed, so that reading the payload is not optimised away
};

}  // namespace tidemark::bench
