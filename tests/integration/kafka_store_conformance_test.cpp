#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include <tidemark/stores/kafka.hpp>
#include <tidemark/testing/catch2.hpp>

#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::testing;

namespace {

/// Clean storage on a broker that keeps everything: groups get a prefix that no other storage has.
class OwnGroups final : public OffsetStore, public OffsetCatalog {
 public:
  explicit OwnGroups(std::string prefix)
      : store_{{.brokers = test::KafkaServer::shared().brokers()}}, prefix_{std::move(prefix)} {}

  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override {
    return store_.load({.group = own(session.group)}, partitions);
  }
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override {
    return store_.commit({.group = own(session.group)}, ranges);
  }
  std::vector<std::string> groups() override {
    std::vector<std::string> names;
    for (const auto& group : store_.groups())
      if (group.starts_with(prefix_)) names.push_back(group.substr(prefix_.size()));
    return names;
  }
  std::vector<StoredOffset> list(std::string_view group) override { return store_.list(own(group)); }
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets) override {
    store_.overwrite(own(group), offsets);
  }
  void erase(std::string_view group, std::span<const TopicPartition> partitions) override {
    store_.erase(own(group), partitions);
  }

 private:
  std::string own(std::string_view group) const { return prefix_ + std::string{group}; }

  KafkaOffsetStore store_;
  std::string prefix_;
};

OpenStore clean_storage() {
  return [prefix = test::unique_name("storage") + "/"] { return std::make_unique<OwnGroups>(prefix); };
}

/// Makes the topic, or more partitions of it. Names that Kafka does not allow stay without one, and commits to them are refused.
void make_topic(const std::string& topic, std::int32_t partitions) {
  static std::map<std::string, std::int32_t> made;
  auto& count = made[topic];
  if (count >= partitions) return;
  test::KafkaAdmin admin{test::KafkaServer::shared().brokers()};
  if (count > 0) {
    admin.grow_topic(topic, partitions);
  } else {
    try {
      admin.create_topic(topic, partitions);
    } catch (const std::runtime_error&) {
      return;
    }
  }
  count = partitions;
}

}  // namespace

TEST_CASE("the Kafka-native store keeps what applies of the contract", "[integration]") {
  const std::string no_such_topic =
      "Kafka does not let a.b and a_b exist side by side, and stores only for topics that exist";
  check_conformance({.storage = clean_storage,
                     .capabilities = {.compares = false, .refuses_odd_names = true},
                     .skip = {{"the catalog names no group whose offsets were erased", "Kafka keeps the group itself"},
                              {"names that look alike when joined are told apart", no_such_topic},
                              {"every topic name that Kafka allows is taken", no_such_topic},
                              {"partition numbers up to 2^31-1 are told apart", "no topic has so many partitions"},
                              {"10,000 partitions go through one commit and one load",
                               "too many for a broker in a test; kafka_store_test.cpp has 500"}},
                     .make_topic = make_topic,
                     .check_limit = std::chrono::minutes{5}});
}
