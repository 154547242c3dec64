#include "engine/stored_offsets.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "core/start_plan.hpp"

namespace tidemark::engine {

std::vector<std::optional<std::int64_t>> load_checked(OffsetStore& store, const GroupSession& session,
                                                      std::span<const TopicPartition> partitions) {
  auto stored = store.load(session, partitions);
  if (stored.size() != partitions.size())
    throw StoreError{
        fmt::format("the store answered load() for {} of {} partitions; it must answer for each, in the order asked",
                    stored.size(), partitions.size()),
        StoreError::Retry::no};
  for (std::size_t i = 0; i < stored.size(); ++i) core::check_stored(partitions[i], stored[i]);
  return stored;
}

}  // namespace tidemark::engine
