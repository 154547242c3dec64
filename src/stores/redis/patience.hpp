#pragma once

#include <algorithm>
#include <chrono>

#include <tidemark/stores/redis/options.hpp>

#include "stores/common/deadline.hpp"

namespace tidemark::detail {

/// How long a call may wait for its connection, in all that this takes: a free place in the pool, finding out who the master is, attempts to
/// connect.
class RedisPatience {
 public:
  explicit RedisPatience(const RedisOffsetStoreOptions& options)
      : options_{options},
        waiting_{options.checkout_timeout},
        attempts_{std::max(options.checkout_timeout, options.connect_timeout)} {}

  /// Until when something is waited for or tried again.
  const stores::Deadline& waiting() const { return waiting_; }

  /// How long an attempt to connect may take that begins now. The first one always has `connect_timeout`.
  std::chrono::milliseconds attempt() const { return std::min(options_.connect_timeout, attempts_.left()); }
  bool has_attempts() const { return !attempts_.is_over(); }
  /// How long attempts that somebody else makes are waited for, before has_attempts() is looked at again.
  std::chrono::milliseconds until_next_look() const { return attempts_.until_next_look(); }

 private:
  const RedisOffsetStoreOptions& options_;
  stores::Deadline waiting_;
  stores::Deadline attempts_;
};

}  // namespace tidemark::detail
