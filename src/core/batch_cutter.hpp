#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include <tidemark/batch_limits.hpp>
#include <tidemark/detail/deadline.hpp>

#include "core/invariant.hpp"

namespace tidemark::core {

/// Decides when a batch is full. Knows neither Kafka nor the clock: the caller tells it what arrived and what time it is.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class BatchCutter {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit BatchCutter(const BatchLimits& limits) : limits_{limits} {}

  /// Whether a record of `bytes` still belongs to this batch. Ask before add().
  bool admits(std::size_t bytes) const {
    return records_ == 0 || (records_ < limits_.max_records && this->bytes() + bytes + beside_ <= limits_.max_bytes);
  }

  void add(std::size_t bytes, TimePoint now) {
    advance(now);
    ++records_;
    bytes_ += bytes;
    TIDEMARK_ENSURES(records_ <= limits_.max_records);
  }

  /// There is something to commit, though no record: a partition's end lies behind markers or gaps.
  void advance(TimePoint now) {
    if (!deadline_) deadline_ = detail::later(now, limits_.max_wait);
  }

  /// When the batch must go even if nothing more arrives; nullopt while it is empty: an empty batch waits for ever.
  std::optional<TimePoint> deadline() const { return deadline_; }

  bool closed(TimePoint now) const { return deadline_ && (full() || now >= *deadline_); }

  /// The next record does not fit in: the batch goes now.
  void close() { does_not_fit_ = true; }

  /// How many records the next read may bring at the most.
  std::size_t room() const { return records_ < limits_.max_records ? limits_.max_records - records_ : 0; }

  std::size_t bytes() const { return bytes_ + records_ * beside_; }
  std::size_t records() const { return records_; }

  /// What each record weighs beside its own bytes, those of this batch included.
  void weigh(std::size_t beside) { beside_ = beside; }

  /// Records that were added are out again: their partition was taken away.
  void remove(std::size_t records, std::size_t bytes) {
    TIDEMARK_EXPECTS(records <= records_ && bytes <= bytes_);
    records_ -= records;
    bytes_ -= bytes;
  }

  void reset() {
    records_ = 0;
    bytes_ = 0;
    does_not_fit_ = false;
    deadline_.reset();
  }

 private:
  bool full() const { return does_not_fit_ || records_ >= limits_.max_records || bytes() >= limits_.max_bytes; }

  BatchLimits limits_;
  std::size_t records_ = 0;
  std::size_t bytes_ = 0;
  std::size_t beside_ = 0;
  bool does_not_fit_ = false;
  std::optional<TimePoint> deadline_;
};

}  // namespace tidemark::core
