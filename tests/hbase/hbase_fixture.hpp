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
#include "support/orders.hpp"
#include "support/store_error.hpp"

namespace tidemark::test {

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
struct HBaseFixture : OrdersStore<HBaseOffsetStore> {
  HBaseFixture() : HBaseFixture{emptied_hbase()} {}
  explicit HBaseFixture(const HBaseOffsetStoreOptions& given)
      : OrdersStore{std::make_unique<HBaseOffsetStore>(given)}, options{given} {}

  HBaseServer& server = HBaseServer::shared();
  HBaseOffsetStoreOptions options;
  HBaseProbe probe{server.port()};
  const std::string row = "billing:orders";
};

}  // namespace tidemark::test
