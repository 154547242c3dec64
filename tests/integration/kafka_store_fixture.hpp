#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tidemark/stores/kafka.hpp>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/plain_member.hpp"
#include "support/unique_name.hpp"

namespace tidemark::test {

/// A new topic on the shared broker, and the name of a group that never committed anything.
class KafkaStoreFixture {
 public:
  explicit KafkaStoreFixture(int partitions = 1) { admin_.create_topic(topic, partitions); }

  const std::string brokers = KafkaServer::shared().brokers();
  const std::string topic = unique_name("topic");
  const std::string group = unique_name("group");

  TopicPartition partition(std::int32_t number = 0) const { return {topic, number}; }
  KafkaOffsetStoreOptions connected() const { return {.brokers = brokers}; }
  GroupSession no_consumer() const { return {.group = group}; }
  KafkaAdmin& admin() { return admin_; }

  /// By a client that is not under test.
  std::optional<std::int64_t> committed(std::int32_t number = 0) {
    return admin_.committed_offset(group, topic, number);
  }

  /// Waits until `member` has so many partitions.
  static void await_partitions(const PlainMember& member, std::size_t count) {
    REQUIRE(eventually([&] { return member.partitions().size() == count; }));
  }

 private:
  KafkaAdmin admin_{brokers};
};

/// The Kafka-native store has no conflicts.
inline void commit(OffsetStore& store, const GroupSession& session, const std::vector<OffsetRange>& ranges) {
  if (store.commit(session, ranges)) FAIL_CHECK("a conflict");
}

inline std::optional<std::int64_t> load(OffsetStore& store, const GroupSession& session,
                                        const TopicPartition& partition) {
  return store.load(session, std::span{&partition, 1}).front();
}

}  // namespace tidemark::test
