#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <tidemark/offset_range.hpp>
#include <tidemark/topic_partition.hpp>

#include "core/claim.hpp"
#include "core/invariant.hpp"
#include "core/partition_start.hpp"

namespace tidemark::core {

/// Where a worker stands in each of its partitions. All arithmetic on offsets is here.
///
/// Three positions a partition: records below `next` were taken, those below `handed` went into a batch, those below `committed` are
/// in the store. So committed <= handed <= next, but for a step back: where reading begins below what is stored, `next` lies below the
/// others until that is cut, and `committed` above the others until that is stored. Offsets are sparse, so nothing is ever counted:
/// ranges are chained.
///
/// A partition is *open* while its records are taken. It is closed for good by close() or forget(), and until the next own() by
/// park() or pause().
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class Progress {
 public:
  /// A partition's position. Its address holds until the partition is owned anew or gone.
  class Cursor {
   public:
    const TopicPartition& partition() const { return partition_; }
    std::int64_t next() const { return next_; }

    /// Whether a record at `offset` is to be handled: not one of a partition that was given up, nor one seen before.
    bool take(std::int64_t offset) {
      if (!open_ || offset < next_) return false;
      TIDEMARK_INVARIANT(37, !steps_back());
      if (offset != next_) skip_to(offset);
      next_ = offset + 1;
      at_end_ = false;
      TIDEMARK_ENSURES(handed_ < next_);
      return true;
    }

    /// The partition ends at `offset`: what lies between was markers or gaps. Returns whether that is news.
    bool reach_end(std::int64_t offset) {
      if (!open_ || offset < next_) return false;
      at_end_ = true;
      if (offset == next_) return false;
      skip_to(offset);
      next_ = offset;
      return true;
    }

    /// Reading begins below what was handed over. Until that is cut, nothing may be taken: the batch would hold records from below the range
    /// that it covers, or have no range at all.
    bool steps_back() const { return next_ < handed_; }

    /// Whether there would be a hole before `offset`, were it taken next.
    bool leaves_gap(std::int64_t offset) const { return open_ && offset > next_; }

    bool is_open() const { return open_; }

    /// Not open, but to be owned anew: parked or paused.
    bool is_held() const { return !open_ && !leaving_; }

    /// Kafka has said that there is nothing more, and nothing came since.
    bool is_at_end() const { return at_end_; }

    /// Takes no more until the partition is owned anew; what was taken stays.
    void pause() { open_ = false; }

    /// Everything that was taken is in the store.
    bool is_settled() const { return in_flight_ == 0 && next_ == handed_; }

    std::int64_t committed() const { return committed_; }

    /// Nothing is in flight, and this is what was committed last.
    bool rests_at(std::int64_t committed) const { return in_flight_ == 0 && committed_ == committed; }

   private:
    friend class Progress;

    void skip_to(std::int64_t offset) {
      TIDEMARK_EXPECTS(open_ && offset > next_);
      if (skipped_ == 0) first_gap_ = {next_, offset};
      skipped_ += offset - next_;
    }

    TopicPartition partition_;
    std::uint64_t ownership_ = 0;
    std::int64_t committed_ = 0;
    std::int64_t handed_ = 0;
    std::int64_t next_ = 0;
    std::int64_t skipped_ = 0;                           // offsets without a record, of what was not cut yet
    std::pair<std::int64_t, std::int64_t> first_gap_{};  // of these
    std::int64_t all_skipped_ = 0;                       // and of what was cut
    std::size_t in_flight_ = 0;                          // batches that hold a claim
    bool open_ = false;
    bool at_end_ = false;
    bool leaving_ = false;  // close() was called: goes once nothing is in flight
    bool parked_ = false;   // the store holds something else: what is in flight can't be committed
  };

  /// The partition is ours. `stored` is what the store holds (or, where it holds nothing, `next`): there the chain of ranges goes
  /// on, though reading begins at `next`.
  void own(const TopicPartition& partition, std::int64_t stored, std::int64_t next);

  /// nullptr where the partition is not ours.
  Cursor* find(const TopicPartition& partition);

  /// What the batch assembled so far covers. From now on it is in flight.
  std::vector<Claim> cut();

  /// Offsets without a record in what was cut last, a partition each.
  struct Gaps {
    TopicPartition partition;
    std::int64_t first_from = 0;  ///< The first of them is [first_from, first_until).
    std::int64_t first_until = 0;
    std::int64_t offsets = 0;
    std::int64_t all = 0;  ///< Since the partition is ours.
  };
  std::span<const Gaps> gaps() const { return gaps_; }

  /// Those of the claims whose partition is still ours.
  std::vector<Claim> valid(std::span<const Claim> claims) const;

  /// Divides a claim in flight in two that are committed one after the other. `at` is the first record that belongs to the second.
  std::pair<Claim, Claim> divide(const Claim& claim, std::int64_t at);

  /// The claims are in the store. Returns the partitions that are gone now, because they were only waiting for that.
  std::vector<TopicPartition> settle(std::span<const Claim> claims);

  /// The claims will not be committed: their batch was given up, or a partition has a conflict.
  std::vector<TopicPartition> drop(std::span<const Claim> claims);

  /// Takes no more of this partition; what was taken but not cut is undone. Returns whether it is gone at once; otherwise
  /// settle() or drop() will tell.
  bool close(const TopicPartition& partition);

  /// The partition is lost, or its batch takes too long: gone at once, and no claim on it is valid any more.
  void forget(const TopicPartition& partition);

  /// The store holds another position. Takes no more until the partition is owned again; what was taken but not cut is undone, and
  /// no claim on it is valid any more, though those in flight are waited for.
  void park(const TopicPartition& partition);

  /// Those of the claims whose partition was closed and waits for them.
  std::vector<Claim> leaving(std::span<const Claim> claims) const;

  /// Open partitions of which nothing is in flight, each as an empty claim at what is committed.
  std::vector<Claim> resting() const;

  /// Those of the claims that hold as they did: nothing was handed out or committed since, so that the store holds the same, but for
  /// what others do to it.
  std::vector<Claim> still_resting(std::span<const Claim> claims) const;

  /// Whether there are records to wait for: in an open partition that Kafka did not call finished, `end_of` lies ahead.
  template <class EndOf>
  bool expects_more(const EndOf& end_of) const {
    return std::ranges::any_of(cursors_, [&](const auto& entry) {
      const auto& cursor = entry.second;
      return cursor.open_ && !cursor.at_end_ && end_of(entry.first).value_or(cursor.next_) > cursor.next_;
    });
  }

  /// Calls `f(cursor)` for each open partition that Kafka did not call finished.
  template <class F>
  void for_each_awaited(const F& f) const {
    for (const auto& [partition, cursor] : cursors_)
      if (cursor.open_ && !cursor.at_end_) f(cursor);
  }

  bool owns(const TopicPartition& partition) const { return cursors_.contains(partition); }
  std::vector<PartitionStart> positions() const;

 private:
  static void undo(Cursor& cursor);
  const Cursor* of(const Claim& claim) const;
  std::vector<TopicPartition> land(std::span<const Claim> claims, bool committed);

  std::map<TopicPartition, Cursor> cursors_;
  std::vector<Gaps> gaps_;
  std::uint64_t ownerships_ = 0;
};

}  // namespace tidemark::core
