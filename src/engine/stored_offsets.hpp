#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <tidemark/offset_store.hpp>

namespace tidemark::engine {

/// store.load(), whose answer is not trusted: throws StoreError for a negative offset, or when answers are missing.
std::vector<std::optional<std::int64_t>> load_checked(OffsetStore& store, const GroupSession& session,
                                                      std::span<const TopicPartition> partitions);

}  // namespace tidemark::engine
