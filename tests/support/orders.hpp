#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <tidemark/offset_store.hpp>

namespace tidemark::test {

inline OffsetRange orders(std::int64_t from, std::int64_t until, std::int32_t partition = 0) {
  return {.partition = {"orders", partition}, .from = from, .until = until};
}

/// What the tests of a store ask of it: for the topic "orders", and the group "billing".
template <class Store>
struct OrdersStore {
  std::unique_ptr<Store> store{};
  GroupSession session{.group = "billing"};

  std::optional<std::int64_t> next(std::int32_t partition = 0) {
    const TopicPartition asked{"orders", partition};
    return store->load(session, {&asked, 1}).at(0);
  }
  std::optional<Conflict> commit(const OffsetRange& range) { return store->commit(session, {&range, 1}); }
  std::optional<Conflict> commit(const std::vector<OffsetRange>& ranges) { return store->commit(session, ranges); }
};

}  // namespace tidemark::test
