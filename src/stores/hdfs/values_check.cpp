#include "stores/hdfs/values_check.hpp"

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "stores/common/topic_name.hpp"
#include "stores/common/values_check.hpp"
#include "stores/hdfs/failure.hpp"

namespace tidemark::hdfs {

namespace {

std::string printable(std::string_view topic) {
  constexpr std::size_t enough = 260;
  return nlohmann::json(topic.substr(0, enough)).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

[[noreturn]] void refuse(const TopicPartition& partition, std::string_view why) {
  throw lasting(
      fmt::format("no offset can be stored for {}[{}]: {}", printable(partition.topic), partition.partition, why));
}

// What Kafka allows. JSON could not hold any bytes, either.
void check_partition(const TopicPartition& partition) {
  if (!stores::is_topic_name(partition.topic)) refuse(partition, "Kafka has no topics of that name");
  if (partition.partition < 0) refuse(partition, "partitions count from 0");
}

}  // namespace

void check(std::span<const OffsetRange> ranges) {
  for (const auto& range : ranges) {
    check_partition(range.partition);
    stores::check_offset(range.partition, range.from, refuse);
    stores::check_offset(range.partition, range.until, refuse);
  }
  stores::check_distinct(ranges, refuse);
}

void check(std::span<const StoredOffset> offsets) {
  for (const auto& offset : offsets) {
    check_partition(offset.partition);
    stores::check_offset(offset.partition, offset.next, refuse);
  }
  stores::check_distinct(offsets, refuse);
}

void check(std::span<const TopicPartition> partitions) {
  for (const auto& partition : partitions) check_partition(partition);
}

}  // namespace tidemark::hdfs
