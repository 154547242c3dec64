#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

#include <tidemark/detail/batch_view.hpp>
#include <tidemark/record.hpp>

namespace tidemark {

namespace detail {
struct BatchParts;
}

/// The records of one micro-batch: a random-access range of Record<T>, each partition's in the order of their offsets.
///
/// Thread safety: reading is safe from many threads at once, but see Headers.
/// Lifetime:      valid until the handler returns.
template <class T = Bytes>
class Batch {
 public:
  class Iterator {
   public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = Record<T>;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Record<T>;

    Iterator() = default;
    Iterator(const Batch* batch, difference_type index) : batch_{batch}, index_{index} {}

    Record<T> operator*() const { return (*batch_)[static_cast<std::size_t>(index_)]; }
    Record<T> operator[](difference_type n) const { return *(*this + n); }
    Iterator& operator++() { return *this += 1; }
    Iterator& operator--() { return *this -= 1; }
    Iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    Iterator operator--(int) {
      auto before = *this;
      --*this;
      return before;
    }
    Iterator& operator+=(difference_type n) {
      index_ += n;
      return *this;
    }
    Iterator& operator-=(difference_type n) { return *this += -n; }
    friend Iterator operator+(Iterator it, difference_type n) { return it += n; }
    friend Iterator operator+(difference_type n, Iterator it) { return it += n; }
    friend Iterator operator-(Iterator it, difference_type n) { return it -= n; }
    friend difference_type operator-(const Iterator& a, const Iterator& b) { return a.index_ - b.index_; }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }
    friend auto operator<=>(const Iterator& a, const Iterator& b) { return a.index_ <=> b.index_; }

   private:
    const Batch* batch_ = nullptr;
    difference_type index_ = 0;
  };

  explicit Batch(const detail::BatchView& view)
    requires std::is_same_v<T, Bytes>
      : view_{&view} {}
  /// `values[i]` is what record i was decoded to.
  Batch(const detail::BatchView& view, std::span<const T> values)
    requires(!std::is_same_v<T, Bytes>)
      : view_{&view}, values_{values} {}

  /// Those records of `whole` that have these numbers in it, in this order; the rest is as there. `records` must outlive it.
  Batch(const Batch& whole, std::span<const std::uint32_t> records) : Batch{whole} { chosen_ = records; }

  std::size_t size() const { return chosen_.data() ? chosen_.size() : view_->records.size(); }
  bool empty() const { return size() == 0; }

  Record<T> operator[](std::size_t index) const {
    if (chosen_.data()) index = chosen_[index];
    if constexpr (std::is_same_v<T, Bytes>)
      return Record<T>{view_->records[index]};
    else
      return Record<T>{view_->records[index], values_[index]};
  }

  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, static_cast<std::ptrdiff_t>(size())}; }

  /// What is committed once the handler has returned: per partition the offsets that this batch covers, gaps included.
  std::span<const OffsetRange> ranges() const { return view_->ranges; }

  /// Sets a record of this batch aside that can never work, so that the others can: once the handler has returned it goes to the
  /// dead-letter sink, with `why`, before anything is committed. If the handler throws, nothing was rejected.
  ///
  /// Thread safety: from any thread, until the handler returns.
  /// Errors:        ConfigError where ConsumerOptions::dead_letters is empty; it ends the consumer even if the handler swallows it.
  void reject(const Record<T>& record, std::string why) const {
    view_->rejections->reject(*record.view_, DeadLetterReason::rejected, std::move(why), attempt());
  }

  /// Whether reject() was called for it since the handler was called.
  ///
  /// Thread safety: as reject().
  bool is_rejected(const Record<T>& record) const { return view_->rejections->has(*record.view_); }

  /// 1 the first time; more where records of an earlier call are handed over again: by the retry policy, or after a conflict in a
  /// transaction. In a call of each_record() it counts the calls for that record.
  int attempt() const { return attempt_ > 0 ? attempt_ : view_->attempt; }

  /// Set when the consumer is stopping or partitions of this batch are being revoked: finish soon. To give up instead, throw;
  /// then nothing of the batch is committed. Set after `handler_timeout`, too: to throw then is to fail.
  const std::stop_token& stop_token() const { return view_->stop_token; }

 private:
  friend struct detail::BatchParts;

  struct Nothing {};
  const detail::BatchView* view_;
  std::span<const std::uint32_t> chosen_;  // null: all
  int attempt_ = 0;                        // of a single record; 0: the batch's
  [[no_unique_address]] std::conditional_t<std::is_same_v<T, Bytes>, Nothing, std::span<const T>> values_{};
};

namespace detail {

/// What each_record() needs of a batch.
struct BatchParts {
  template <class T>
  static const RecordView& view(const Record<T>& record) {
    return *record.view_;
  }
  template <class T>
  static RecordRetry* retry(const Batch<T>& batch) {
    return batch.view_->record_retry;
  }
  /// The batch as the call number `attempt` for one of its records sees it.
  template <class T>
  static Batch<T> at_attempt(const Batch<T>& batch, int attempt) {
    auto seen = batch;
    seen.attempt_ = attempt;
    return seen;
  }
};

}  // namespace detail
}  // namespace tidemark
