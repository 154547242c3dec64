#pragma once

#include <tidemark/stores/redis.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/redis_server.hpp"
#include "support/store_error.hpp"

namespace tidemark::test {

inline OffsetRange orders(std::int64_t from, std::int64_t until, std::int32_t partition = 0) {
  return {.partition = {"orders", partition}, .from = from, .until = until};
}

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
struct RedisFixture {
  explicit RedisFixture(RedisServer& its = RedisServer::shared()) : RedisFixture{its, impatient(its.port())} {}
  RedisFixture(RedisServer& its, const RedisOffsetStoreOptions& options) : server{its} {
    probe("FLUSHALL");
    store = std::make_unique<RedisOffsetStore>(options);
  }

  RedisServer& server;
  RedisProbe probe = server.probe();
  std::unique_ptr<RedisOffsetStore> store;
  GroupSession session{.group = "billing"};
  std::string key = "kafka:topic:orders:billing";

  std::optional<std::int64_t> next(std::int32_t partition = 0) {
    const TopicPartition asked{"orders", partition};
    return store->load(session, {&asked, 1}).at(0);
  }
  std::optional<Conflict> commit(const OffsetRange& range) { return store->commit(session, {&range, 1}); }
  std::optional<Conflict> commit(const std::vector<OffsetRange>& ranges) { return store->commit(session, ranges); }
  RedisTransaction begin(const OffsetRange& range) { return store->begin(session, {&range, 1}); }
  RedisTransaction begin(const std::vector<OffsetRange>& ranges) { return store->begin(session, ranges); }
};

}  // namespace tidemark::test
