#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <tidemark/detail/record_view.hpp>
#include <tidemark/record.hpp>

#include "core/invariant.hpp"
#include "core/progress.hpp"
#include "kafka/handles.hpp"
#include "kafka/message_returns.hpp"
#include "kafka/message_source.hpp"

namespace tidemark::engine {

/// A batch: views of its records, the messages they point into, and what it covers. Its storage is used again.
class BatchInHand {
 public:
  BatchInHand() = default;
  BatchInHand(BatchInHand&&) = default;
  BatchInHand& operator=(BatchInHand&&) = default;
  ~BatchInHand() { clear(); }

  void add(rd_kafka_message_t* message, const detail::RecordPartition& partition) {
    records_.push_back({&partition, message->offset, Bytes{static_cast<const char*>(message->key), message->key_len},
                        Bytes{static_cast<const char*>(message->payload), message->len}, message});
    bytes_ += message->key_len + message->len;
  }

  /// Whether each record lies within the claim on its partition.
  bool is_covered() const {
    return std::ranges::all_of(records_, [this](const detail::RecordView& record) {
      const auto claim = core::claim_on(claims(), record.partition->name);
      return claim != claims().end() && claim->range.from <= record.offset && record.offset < claim->range.until;
    });
  }

  /// Keys and values.
  std::size_t bytes() const { return bytes_; }

  std::span<const detail::RecordView> records() const { return records_; }
  std::span<const core::Claim> claims() const { return claims_; }

  /// About what the headers of each record weigh.
  void set_header_bytes(std::size_t each) { header_bytes_ = each; }

  void set_claims(std::vector<core::Claim> claims) { claims_ = std::move(claims); }

  /// What remove() took out.
  struct Removed {
    std::size_t records = 0;
    std::size_t bytes = 0;
  };

  Removed remove(const TopicPartition& partition) {
    Removed removed;
    std::erase_if(records_, [&](const detail::RecordView& record) {
      if (record.partition->name != partition) return false;
      ++removed.records;
      removed.bytes += record.key.size() + record.value.size();
      rd_kafka_message_destroy(kafka::message_of(record.origin));
      return true;
    });
    bytes_ -= removed.bytes;
    std::erase_if(claims_, [&](const core::Claim& claim) { return claim.range.partition == partition; });
    return removed;
  }

  /// Drops the records for which `keep` is false. Claims stay.
  template <class Keep>
  void keep_if(const Keep& keep) {
    std::vector<bool> kept;  // looked up beforehand, since `keep` may throw
    kept.reserve(records_.size());
    for (const auto& record : records_) kept.push_back(keep(Record<>{record}));
    auto is_kept = kept.begin();
    std::erase_if(records_, [&](const detail::RecordView& record) {
      if (*is_kept++) return false;
      bytes_ -= record.key.size() + record.value.size();
      rd_kafka_message_destroy(kafka::message_of(record.origin));
      return true;
    });
  }

  /// Takes out the first so many records. Claims stay here.
  BatchInHand take_front(std::size_t records) {
    TIDEMARK_EXPECTS(records > 0 && records < records_.size());
    const auto end = records_.begin() + static_cast<std::ptrdiff_t>(records);
    BatchInHand front;
    front.header_bytes_ = header_bytes_;
    front.records_.assign(records_.begin(), end);
    records_.erase(records_.begin(), end);
    for (const auto& record : front.records_) front.bytes_ += record.key.size() + record.value.size();
    bytes_ -= front.bytes_;
    return front;
  }

  /// Gives the messages back to librdkafka.
  void give_back(kafka::MessageReturns& returns) {
    returns.add(records_, bytes_ + records_.size() * header_bytes_);
    forget();
  }

  /// The same, here and now.
  void clear() {
    for (const auto& record : records_) rd_kafka_message_destroy(kafka::message_of(record.origin));
    forget();
  }

 private:
  void forget() {
    records_.clear();
    claims_.clear();
    bytes_ = 0;
  }

  std::vector<detail::RecordView> records_;
  std::vector<core::Claim> claims_;
  std::size_t bytes_ = 0;
  std::size_t header_bytes_ = 0;  // of each record
};

}  // namespace tidemark::engine
