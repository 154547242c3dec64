#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "contract/tweaked_store.hpp"

namespace tidemark::testing {

/// A mistake that a store may make, and the check that is there for it.
struct BrokenStore {
  std::string mistake;
  std::string caught_by;
  StoreUnderTest store;
};

namespace broken {

inline std::optional<std::int64_t> stored(MemoryOffsetStore& inner, const GroupSession& session,
                                          const TopicPartition& partition) {
  return inner.load(session, {&partition, 1}).front();
}

}  // namespace broken

}  // namespace tidemark::testing
