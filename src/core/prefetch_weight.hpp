#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "core/invariant.hpp"

namespace tidemark::core {

/// Whether a prefetch queue that counts values only, as librdkafka's does, may hold more than it should, since keys and headers are large.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class PrefetchWeight {
 public:
  struct Excess {
    std::size_t each = 0;             ///< Bytes of key and headers of a record, on average.
    std::size_t all = 0;              ///< What they may come to in a full queue.
    std::size_t advised_records = 0;  ///< As many records as the queue may be filled with.
  };

  /// `share` is what the queue may hold, in bytes; it takes up to `records`.
  PrefetchWeight(std::size_t share, std::size_t records) : share_{share}, records_{records} {}

  /// A sample. Returns an excess the first time that there is one.
  std::optional<Excess> look_at(std::size_t key_and_headers) {
    sum_ += key_and_headers;
    const auto each = sum_ / ++samples_;
    if (is_told_ || samples_ < enough_samples || each * records_ <= share_) return std::nullopt;
    TIDEMARK_ENSURES(each > 0);
    is_told_ = true;
    // Less a quarter: librdkafka looks at its queue before a fetch only, so that one more may come.
    return Excess{each, each * records_, std::max<std::size_t>(share_ / 4 * 3 / each, 1)};
  }

 private:
  static constexpr std::size_t enough_samples = 8;  // a single large record is no matter

  std::size_t share_;
  std::size_t records_;
  std::size_t sum_ = 0;
  std::size_t samples_ = 0;
  bool is_told_ = false;
};

}  // namespace tidemark::core
