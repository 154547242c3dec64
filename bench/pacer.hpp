#pragma once

#include <cstdint>
#include <string>
#include <thread>

namespace tidemark::bench {

/// Sends records one by one, a thousand a second, each with the time of its sending in its first 8 bytes.
class Pacer {
 public:
  Pacer(const std::string& brokers, const std::string& topic, int partitions, std::uint64_t records);
  /// Ends early what is not sent yet.
  ~Pacer() = default;

  Pacer(const Pacer&) = delete;
  Pacer& operator=(const Pacer&) = delete;

 private:
  std::jthread thread_;
};

}  // namespace tidemark::bench
