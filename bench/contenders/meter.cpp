#include "contenders/meter.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <thread>

#include <fmt/format.h>

#include "contenders/usage.hpp"

namespace tidemark::bench {
namespace {

// A wait for records that lasts longer, though the broker has more, is a stall.
constexpr std::chrono::milliseconds stall_limit{20};

void compute(std::chrono::nanoseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) continue;
}

double milliseconds_at(const std::vector<std::int64_t>& sorted, double part) {
  if (sorted.empty()) return 0;
  const auto index = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1));
  return static_cast<double>(sorted[index]) / 1e6;
}

}  // namespace

Meter::Meter(const ConsumeOptions& options) : options_{options} {}

Meter::Pass::Pass(Meter& meter)
    : meter_{meter},
      arrived_{std::chrono::steady_clock::now()},
      wall_ns_{std::chrono::nanoseconds{std::chrono::system_clock::now().time_since_epoch()}.count()} {}

void Meter::Pass::add_latency(const char* data) {
  std::int64_t sent = 0;
  std::memcpy(&sent, data, sizeof sent);
  latencies_.push_back(wall_ns_ - sent);
}

bool Meter::Pass::finish() {
  if (meter_.options_.work.count() > 0) compute(meter_.options_.work * records_);
  if (meter_.options_.wait.count() > 0) std::this_thread::sleep_for(meter_.options_.wait * records_);
  return meter_.add(*this);
}

bool Meter::add(const Pass& pass) {
  const std::lock_guard lock{mutex_};
  const bool had_enough = records_ >= options_.records;
  if (records_ == 0) {
    first_ = pass.arrived_;
  } else if (pass.arrived_ - last_ > stall_limit) {
    ++stalls_;
    stalled_ += pass.arrived_ - last_;
  }
  last_ = std::chrono::steady_clock::now();
  latencies_.insert(latencies_.end(), pass.latencies_.begin(), pass.latencies_.end());
  records_ += pass.records_;
  checksum_ += pass.checksum_;
  const bool enough = records_ >= options_.records;
  if (enough && !had_enough) print();
  return enough;
}

void Meter::print() {
  latencies_.erase(latencies_.begin(), latencies_.begin() + static_cast<std::ptrdiff_t>(
                                                                std::min(latencies_.size(), options_.latency_skip)));
  std::ranges::sort(latencies_);
  fmt::print(
      "records={} seconds={:.4f} cpu={:.4f} rss_mib={:.1f} stalls={} stalled_seconds={:.3f} startup_seconds={:.3f} ",
      records_, std::chrono::duration<double>(last_ - first_).count(), cpu_seconds(), peak_rss_mib(), stalls_,
      stalled_.count(), std::chrono::duration<double>(last_ - started_).count());
  fmt::print("p50_ms={:.3f} p99_ms={:.3f} checksum={}\n", milliseconds_at(latencies_, 0.5),
             milliseconds_at(latencies_, 0.99), checksum_);
  std::fflush(stdout);
}

}  // namespace tidemark::bench
