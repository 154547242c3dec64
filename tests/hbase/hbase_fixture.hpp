#pragma once

#include <tidemark/stores/hbase.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hbase/hbase_probe.hpp"
#include "support/catch.hpp"
#include "support/hbase_server.hpp"
#include "support/store_error.hpp"

namespace tidemark::test {

inline OffsetRange orders(std::int64_t from, std::int64_t until, std::int32_t partition = 0) {
  return {.partition = {"orders", partition}, .from = from, .until = until};
}

/// Options for a gateway on loopback.
inline HBaseOffsetStoreOptions hbase_at(std::uint16_t port) {
  return {.host = "127.0.0.1", .port = port, .create_table = true};
}

/// The options of the server that the test program shares; its table is there, and empty.
inline HBaseOffsetStoreOptions emptied_hbase() {
  auto& server = HBaseServer::shared();
  HBaseProbe probe{server.port()};
  if (!probe.table_exists()) probe.create_table();
  probe.clear();
  return hbase_at(server.port());
}

/// A store on an emptied table.
struct HBaseFixture {
  HBaseFixture() : HBaseFixture{emptied_hbase()} {}
  explicit HBaseFixture(const HBaseOffsetStoreOptions& given)
      : options{given}, store{std::make_unique<HBaseOffsetStore>(given)} {}

  HBaseServer& server = HBaseServer::shared();
  HBaseOffsetStoreOptions options;
  HBaseProbe probe{server.port()};
  std::unique_ptr<HBaseOffsetStore> store;
  GroupSession session{.group = "billing"};
  const std::string row = "billing:orders";

  std::optional<std::int64_t> next(std::int32_t partition = 0) {
    const TopicPartition asked{"orders", partition};
    return store->load(session, {&asked, 1}).at(0);
  }
  std::optional<Conflict> commit(const OffsetRange& range) { return store->commit(session, {&range, 1}); }
  std::optional<Conflict> commit(const std::vector<OffsetRange>& ranges) { return store->commit(session, ranges); }
};

}  // namespace tidemark::test
