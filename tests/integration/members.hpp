#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

namespace tidemark::test {

/// Members of one group that come and go, and what each of them did.
class Members {
 public:
  Members(KafkaFixture& kafka, ConsumerOptions options, OffsetStore& store)
      : kafka_{kafka}, options_{std::move(options)}, store_{store} {}

  /// No two that join one after the other have as many workers.
  void vary_workers() { varies_workers_ = true; }

  RunningConsumer& join() {
    if (varies_workers_) options_.concurrency = 1 + all_.size() % 3;
    all_.push_back(std::make_unique<RunningConsumer>(options_, store_));
    return *all_.back();
  }
  RunningConsumer& operator[](std::size_t index) { return *all_[index]; }

  std::size_t handled() const {
    std::size_t count = 0;
    for (const auto& member : all_) count += member->journal().count();
    return count;
  }
  /// Partitions that some running member has, and how many members have any.
  std::pair<std::size_t, std::size_t> shares() const {
    std::size_t partitions = 0;
    std::size_t members = 0;
    for (const auto& member : all_) {
      const auto count = member->has_ended() ? 0 : member->progress().size();
      partitions += count;
      members += count > 0 ? 1u : 0u;
    }
    return {partitions, members};
  }
  void await_shares(std::size_t partitions, std::size_t members) {
    all_.back()->await(fmt::format("{} partitions shared by {} members", partitions, members), [&] {
      return shares() == std::pair{partitions, members};
    });
  }

  /// Each record exactly once (no member crashed), in order within each ownership, each partition by one member at a time.
  void require_each_record_once(int partitions, std::int64_t records) const {
    std::map<TopicPartition, std::vector<std::int64_t>> offsets;
    for (const auto& member : all_) {
      REQUIRE(member->journal().count(RebalanceEvent::Kind::lost) == 0);
      REQUIRE(member->journal().conflicts().empty());
      std::map<std::pair<TopicPartition, int>, std::int64_t> last;
      for (const auto& record : member->journal().handled()) {
        offsets[record.partition].push_back(record.offset);
        const auto [entry, is_first] = last.try_emplace({record.partition, record.ownership}, record.offset);
        if (!is_first) REQUIRE(record.offset == entry->second + 1);
        entry->second = record.offset;
      }
    }
    for (int partition = 0; partition < partitions; ++partition) {
      auto& of_partition = offsets[kafka_.partition(partition)];
      std::ranges::sort(of_partition);
      CAPTURE(partition);
      REQUIRE((of_partition == sequence(0, records)));
      REQUIRE(kafka_.stored_in(store_, kafka_.partition(partition)) == records);
    }
  }

 private:
  KafkaFixture& kafka_;
  ConsumerOptions options_;
  OffsetStore& store_;
  bool varies_workers_ = false;
  std::vector<std::unique_ptr<RunningConsumer>> all_;
};

constexpr int member_partitions = 6;

/// Writes a little everywhere, and waits until somebody has handled all that was written so far.
class Writer {
 public:
  explicit Writer(KafkaFixture& kafka) : kafka_{kafka} {}

  std::int64_t written() const { return written_; }

  void write(int count) {
    for (int partition = 0; partition < member_partitions; ++partition)
      for (int i = 0; i < count; ++i)
        kafka_.producer.produce(kafka_.topic, partition, "key", std::to_string(written_ + i));
    kafka_.producer.flush();
    written_ += count;
  }
  void await_handled(Members& members, RunningConsumer& by) const {
    const auto all = static_cast<std::size_t>(written_ * member_partitions);
    by.await("all written records handled", [&] { return members.handled() >= all; });
  }

 private:
  KafkaFixture& kafka_;
  std::int64_t written_ = 0;
};

/// Three members join one after the other, one leaves, one more comes, all while records flow; then all leave.
inline void join_and_leave(KafkaFixture& kafka, const ConsumerOptions& options, OffsetStore& store,
                           bool varies_workers = false) {
  Members members{kafka, options, store};
  if (varies_workers) members.vary_workers();
  Writer writer{kafka};
  writer.write(300);
  members.join();
  members.await_shares(member_partitions, 1);
  for (std::size_t count = 2; count <= 3; ++count) {
    writer.write(300);
    members.join();
    members.await_shares(member_partitions, count);
  }
  writer.write(300);
  members[0].stop();
  members.await_shares(member_partitions, 2);
  writer.write(300);
  members.join();
  members.await_shares(member_partitions, 3);
  writer.write(300);
  writer.await_handled(members, members[3]);
  members[3].await("everything committed", [&] {
    for (int partition = 0; partition < member_partitions; ++partition)
      if (kafka.stored_in(store, kafka.partition(partition)) != writer.written()) return false;
    return true;
  });
  for (std::size_t i = 1; i <= 3; ++i) members[i].stop();
  members.require_each_record_once(member_partitions, writer.written());
}

}  // namespace tidemark::test
