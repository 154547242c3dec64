#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct redisContext;

namespace tidemark::bench {

/// hiredis as one would use it by hand: what the store is measured against.
class RawRedis {
 public:
  explicit RawRedis(std::uint16_t port);

  /// One command, one round trip. Throws where the reply is an error.
  void command(const std::vector<std::string>& words);
  /// Many commands in one round trip.
  void pipeline(const std::vector<std::vector<std::string>>& commands);
  std::string text(const std::vector<std::string>& words);

 private:
  struct Free {
    void operator()(redisContext* context) const;
  };
  std::unique_ptr<redisContext, Free> context_;
};

}  // namespace tidemark::bench
