#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/offset_catalog.hpp>

#include "stores/redis/client.hpp"

namespace tidemark::detail {

/// OffsetCatalog's functions.
std::vector<std::string> redis_groups(RedisClient& client);
std::vector<StoredOffset> redis_list(RedisClient& client, std::string_view group);
void redis_overwrite(RedisClient& client, std::string_view group, std::span<const StoredOffset> offsets);
void redis_erase(RedisClient& client, std::string_view group, std::span<const TopicPartition> partitions);

}  // namespace tidemark::detail
