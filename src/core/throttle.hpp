#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <tidemark/rate_limit.hpp>

#include "core/invariant.hpp"
#include "core/token_bucket.hpp"

namespace tidemark::core {

/// Keeps records to a RateLimit.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class Throttle {
 public:
  using TimePoint = TokenBucket::TimePoint;

  void set_limit(const RateLimit& limit, TimePoint now) {
    records_.set_rate(static_cast<double>(limit.records_per_second), now);
    bytes_.set_rate(static_cast<double>(limit.bytes_per_second), now);
  }

  bool is_open(TimePoint now) {
    const bool for_records = records_.is_open(now);
    return bytes_.is_open(now) && for_records;
  }

  /// A record of so many bytes goes through.
  void take(std::size_t bytes) {
    records_.take(1);
    bytes_.take(static_cast<double>(bytes));
  }

  /// Records of these sizes go through, one after the other, for as long as it is open. Returns how many did.
  std::size_t take(std::span<const std::size_t> sizes, TimePoint now) {
    std::size_t count = 0;
    while (count < sizes.size() && is_open(now)) take(sizes[count++]);
    TIDEMARK_ENSURES(count <= sizes.size());
    return count;
  }

  TimePoint opens_at() const { return std::max(records_.opens_at(), bytes_.opens_at()); }

 private:
  TokenBucket records_;
  TokenBucket bytes_;
};

}  // namespace tidemark::core
