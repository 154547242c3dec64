#pragma once

#include <span>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_range.hpp>

namespace tidemark::hdfs {

/// Errors: StoreError where a topic's name is none, a value can't be an offset, or a partition occurs twice.
void check(std::span<const OffsetRange> ranges);
void check(std::span<const StoredOffset> offsets);
void check(std::span<const TopicPartition> partitions);

}  // namespace tidemark::hdfs
