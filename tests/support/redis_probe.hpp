#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tidemark/stores/redis/reply.hpp>

struct redisContext;

namespace tidemark::test {

/// Another client of a Redis server, as plain as can be: hiredis by itself, so that what the store wrote is not read by the store.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
/// Errors:        std::runtime_error where the server can't be reached; error replies are replies.
class RedisProbe {
 public:
  explicit RedisProbe(std::uint16_t port);

  template <class... Words>
  RedisReply operator()(const Words&... words) {
    return run({std::string{words}...});
  }
  RedisReply run(const std::vector<std::string>& words);

  /// A hash, as "field=value field=value" in the order of the fields' numbers.
  std::string hash(const std::string& key);
  std::string info(const std::string& section, const std::string& name);

 private:
  struct Free {
    void operator()(redisContext* context) const;
  };
  std::unique_ptr<redisContext, Free> context_;
};

}  // namespace tidemark::test
