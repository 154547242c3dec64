#include <tidemark/stores/redis.hpp>

#include <memory>

#include "raw_redis.hpp"
#include "stores/contestant.hpp"
#include "support/redis_server.hpp"

namespace tidemark::bench {

Contestant redis_contestant(int partitions) {
  const auto server = std::make_shared<test::RedisServer>();  // appendonly yes, appendfsync always
  const auto store = std::make_shared<RedisOffsetStore>(server->url());
  const auto bare = std::make_shared<RawRedis>(server->port());
  return {.bare = "HSET, appendfsync always",
          .commit =
              [=](std::int64_t batch) {
                must_commit(*store, batch, partitions);
                (void)server;
              },
          .commit_bare =
              [=](std::int64_t batch) {
                const auto until = std::to_string(first_of(batch + 1));
                std::vector<std::string> words{"HSET", "kafka:topic:records:bare"};
                for (int p = 0; p < partitions; ++p) words.insert(words.end(), {std::to_string(p), until});
                bare->command(words);
              }};
}

}  // namespace tidemark::bench
