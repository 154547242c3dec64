#include "pacer.hpp"

#include <chrono>
#include <cstring>

#include "filler.hpp"

namespace tidemark::bench {
namespace {

constexpr std::chrono::milliseconds interval{1};

void stamp(std::string& value) {
  const std::int64_t now = std::chrono::nanoseconds{std::chrono::system_clock::now().time_since_epoch()}.count();
  std::memcpy(value.data(), &now, sizeof now);
}

}  // namespace

Pacer::Pacer(const std::string& brokers, const std::string& topic, int partitions, std::uint64_t records)
    : thread_{[=](const std::stop_token& stop) {
        Filler filler{brokers, topic, {{"linger.ms", "0"}}};
        std::string value(100, 'x');
        auto next = std::chrono::steady_clock::now();
        for (std::uint64_t i = 0; i < records && !stop.stop_requested(); ++i) {
          std::this_thread::sleep_until(next += interval);
          stamp(value);
          filler.produce(static_cast<std::int32_t>(i % static_cast<std::uint64_t>(partitions)), i, value);
        }
        filler.flush();
      }} {}

}  // namespace tidemark::bench
