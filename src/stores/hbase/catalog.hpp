#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/offset_catalog.hpp>

#include "stores/hbase/store.hpp"

namespace tidemark::detail {

/// OffsetCatalog's functions.
///
/// Errors: StoreError.
std::vector<std::string> hbase_groups(HBaseStore& store);
std::vector<StoredOffset> hbase_list(HBaseStore& store, std::string_view group);
void hbase_overwrite(HBaseStore& store, std::string_view group, std::span<const StoredOffset> offsets);
void hbase_erase(HBaseStore& store, std::string_view group, std::span<const TopicPartition> partitions);

}  // namespace tidemark::detail
