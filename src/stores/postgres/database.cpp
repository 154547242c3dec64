#include "stores/postgres/database.hpp"

#include <fmt/format.h>

#include <utility>

namespace tidemark::detail {

namespace {

PostgresOffsetStoreOptions checked(PostgresOffsetStoreOptions options) {
  const auto refuse = [](std::string_view member, std::string_view why) {
    throw ConfigError{fmt::format("PostgresOffsetStoreOptions::{} {}", member, why)};
  };
  if (options.max_connections == 0) refuse("max_connections", "is 0: the store needs at least one");
  if (options.timeout.count() <= 0) refuse("timeout", "must be longer than 0 ms; 10 s is the default");
  if (options.connect_timeout.count() <= 0) refuse("connect_timeout", "must be longer than 0 ms; 5 s is the default");
  if (options.idle_in_transaction_timeout.count() < 0)
    refuse("idle_in_transaction_timeout", "is negative: 0 sets no limit, 60 s is the default");
  return options;
}

}  // namespace

PostgresDatabase::PostgresDatabase(PostgresOffsetStoreOptions options)
    : options_{checked(std::move(options))}, target_{options_}, offsets_{options_}, pool_{target_, options_} {}

PostgresLease PostgresDatabase::lease(const PostgresWait& wait) {
  PostgresLease lease{pool_, wait};
  offsets_.require_table(*lease, wait);
  return lease;
}

}  // namespace tidemark::detail
