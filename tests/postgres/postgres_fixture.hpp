#pragma once

#include <tidemark/stores/postgres.hpp>

#include <memory>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/orders.hpp"
#include "support/postgres_server.hpp"
#include "support/store_error.hpp"

namespace tidemark::test {

/// Options for a server on loopback that give up soon: what a test breaks need not be waited for long.
inline PostgresOffsetStoreOptions impatient(const std::string& connection) {
  using namespace std::chrono_literals;
  PostgresOffsetStoreOptions options;
  options.connection = connection;
  options.connect_timeout = 2'000ms;
  options.timeout = 3'000ms;
  return options;
}

/// A store on a new database, of the server that the test program shares unless it is given another.
struct PostgresFixture : OrdersStore<PostgresOffsetStore> {
  explicit PostgresFixture(PostgresServer& its = PostgresServer::shared()) : server{its} {
    options = impatient(server.connection(database));
    open();
  }
  void open() { store = std::make_unique<PostgresOffsetStore>(options); }

  PostgresServer& server;
  std::string database = server.make_database();
  PostgresProbe probe = server.probe(database);
  PostgresOffsetStoreOptions options;

  PostgresTransaction begin(const OffsetRange& range) { return store->begin(session, {&range, 1}); }
  PostgresTransaction begin(const std::vector<OffsetRange>& ranges) { return store->begin(session, ranges); }
  std::string stored() { return probe("select topic, partition, next_offset from tidemark_offsets order by 1, 2"); }
};

}  // namespace tidemark::test
