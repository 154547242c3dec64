#pragma once

#include <tidemark/stores/redis.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/orders.hpp"
#include "support/redis_server.hpp"
#include "support/store_error.hpp"

namespace tidemark::test {

/// Options for a server on loopback that give up soon: what a test breaks need not be waited for long.
inline RedisOffsetStoreOptions impatient(const std::string& url) {
  using namespace std::chrono_literals;
  auto options = redis_options(url);
  options.connect_timeout = 2'000ms;
  options.command_timeout = 2'000ms;
  options.checkout_timeout = 500ms;
  return options;
}

inline RedisOffsetStoreOptions impatient(std::uint16_t port) {
  return impatient("redis://127.0.0.1:" + std::to_string(port));
}

/// A store on an emptied server, the one that the test program shares unless it is given another.
struct RedisFixture : OrdersStore<RedisOffsetStore> {
  explicit RedisFixture(RedisServer& its = RedisServer::shared()) : RedisFixture{its, impatient(its.port())} {}
  RedisFixture(RedisServer& its, const RedisOffsetStoreOptions& options) : server{its} {
    probe("FLUSHALL");
    store = std::make_unique<RedisOffsetStore>(options);
  }

  RedisServer& server;
  RedisProbe probe = server.probe();
  std::string key = "kafka:topic:orders:billing";

  RedisTransaction begin(const OffsetRange& range) { return store->begin(session, {&range, 1}); }
  RedisTransaction begin(const std::vector<OffsetRange>& ranges) { return store->begin(session, ranges); }
};

}  // namespace tidemark::test
