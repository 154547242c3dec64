#pragma once

#include <tidemark/error.hpp>
#include <tidemark/stores/sqlite.hpp>

#include <optional>
#include <string>

#include "support/catch.hpp"
#include "support/orders.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::test {

/// A database file in a folder of its own, and a store on it.
struct SqliteFixture {
  TemporaryFolder folder;
  std::filesystem::path path = folder / "offsets.db";
  SqliteOffsetStore store{path};
  GroupSession session{.group = "billing"};

  std::optional<std::int64_t> next(std::int32_t partition = 0) {
    const TopicPartition asked{"orders", partition};
    return store.load(session, {&asked, 1}).at(0);
  }
  std::optional<Conflict> commit(const OffsetRange& range) { return store.commit(session, {&range, 1}); }
  SqliteTransaction begin(const OffsetRange& range) { return store.begin(session, {&range, 1}); }
  std::int64_t count(const std::string& table) {
    return store.query("select count(*) from " + table).at(0).get<std::int64_t>(0);
  }
};

/// The StoreError that `call` must throw.
template <class Call>
StoreError store_error(Call call) {
  try {
    call();
  } catch (const StoreError& error) {
    return error;
  }
  FAIL("no StoreError was thrown");
  throw std::logic_error{"not reached"};
}

inline bool says(const StoreError& error, std::string_view text) {
  UNSCOPED_INFO(error.what());
  return std::string_view{error.what()}.find(text) != std::string_view::npos;
}

}  // namespace tidemark::test
