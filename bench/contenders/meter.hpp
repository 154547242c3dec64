#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "contenders/options.hpp"

namespace tidemark::bench {

/// The handler of every contender, and what is measured of it.
///
/// Thread safety: passes of several threads at once are safe; stalls mean something with one thread only.
class Meter {
 public:
  /// To be made when the program starts.
  explicit Meter(const ConsumeOptions& options);

  /// A batch that is handled, from its arrival on.
  class Pass {
   public:
    explicit Pass(Meter& meter);

    /// Reads one byte of the payload, so that it comes through the cache as it would for a real handler.
    void record(const char* data, std::size_t size) {
      ++records_;
      checksum_ += static_cast<unsigned char>(data[size / 2]);
      if (meter_.options_.latencies) add_latency(data);
    }

    /// Works or waits as long as told. Returns whether this was the last batch that counts; prints the figures then.
    bool finish();

   private:
    friend class Meter;
    void add_latency(const char* data);

    Meter& meter_;
    std::chrono::steady_clock::time_point arrived_;
    std::int64_t wall_ns_;
    std::uint64_t records_ = 0;
    std::uint64_t checksum_ = 0;
    std::vector<std::int64_t> latencies_;
  };

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  bool add(const Pass& pass);
  void print();

  const ConsumeOptions& options_;
  TimePoint started_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  TimePoint first_{};
  TimePoint last_{};
  std::uint64_t records_ = 0;
  std::uint64_t checksum_ = 0;  // printed, so that reading the payload is not optimised away
  std::uint64_t stalls_ = 0;
  std::chrono::duration<double> stalled_{};
  std::vector<std::int64_t> latencies_;
};

}  // namespace tidemark::bench
