#include "stores/file/values_check.hpp"

#include <string_view>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/common/values_check.hpp"
#include "stores/file/escaping.hpp"

namespace tidemark::file {

namespace {

[[noreturn]] void refuse(const TopicPartition& partition, std::string_view why) {
  throw StoreError{
      fmt::format("cannot store an offset for {}[{}]: {}. Nothing was changed; this is a mistake of the calling code.",
                  escape(partition.topic), partition.partition, why),
      StoreError::Retry::no};
}

void check_offset(const TopicPartition& partition, std::int64_t offset) {
  if (partition.partition < 0) refuse(partition, "partitions count from 0");
  stores::check_offset(partition, offset, refuse);
}

}  // namespace

void check(std::span<const OffsetRange> ranges) {
  for (const auto& range : ranges) {
    check_offset(range.partition, range.from);
    check_offset(range.partition, range.until);
  }
  stores::check_distinct(ranges, refuse);
}

void check(std::span<const StoredOffset> offsets) {
  for (const auto& offset : offsets) check_offset(offset.partition, offset.next);
  stores::check_distinct(offsets, refuse);
}

}  // namespace tidemark::file
