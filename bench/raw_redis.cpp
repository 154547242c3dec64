#include "raw_redis.hpp"

#include <hiredis/hiredis.h>

#include <stdexcept>

namespace tidemark::bench {

namespace {

/// The words as hiredis wants them.
struct Words {
  explicit Words(const std::vector<std::string>& words) {
    pointers.reserve(words.size());
    sizes.reserve(words.size());
    for (const auto& word : words) {
      pointers.push_back(word.data());
      sizes.push_back(word.size());
    }
  }
  int count() const { return static_cast<int>(pointers.size()); }

  std::vector<const char*> pointers;
  std::vector<std::size_t> sizes;
};

using Reply = std::unique_ptr<redisReply, void (*)(redisReply*)>;

Reply checked(redisContext& context, void* got) {
  Reply reply{static_cast<redisReply*>(got), [](redisReply* it) { freeReplyObject(it); }};
  if (got == nullptr) throw std::runtime_error{context.errstr};
  if (reply->type == REDIS_REPLY_ERROR) throw std::runtime_error{reply->str};
  return reply;
}

}  // namespace

void RawRedis::Free::operator()(redisContext* context) const { redisFree(context); }

RawRedis::RawRedis(std::uint16_t port) : context_{redisConnect("127.0.0.1", port)} {
  if (!context_ || context_->err != 0) throw std::runtime_error{"cannot connect to Redis"};
}

void RawRedis::command(const std::vector<std::string>& words) {
  Words raw{words};
  checked(*context_, redisCommandArgv(context_.get(), raw.count(), raw.pointers.data(), raw.sizes.data()));
}

void RawRedis::pipeline(const std::vector<std::vector<std::string>>& commands) {
  for (const auto& words : commands) {
    Words raw{words};
    redisAppendCommandArgv(context_.get(), raw.count(), raw.pointers.data(), raw.sizes.data());
  }
  for (std::size_t i = 0; i < commands.size(); ++i) {
    void* reply = nullptr;
    if (redisGetReply(context_.get(), &reply) != REDIS_OK) reply = nullptr;
    checked(*context_, reply);
  }
}

std::string RawRedis::text(const std::vector<std::string>& words) {
  Words raw{words};
  const auto reply =
      checked(*context_, redisCommandArgv(context_.get(), raw.count(), raw.pointers.data(), raw.sizes.data()));
  return {reply->str, reply->len};
}

}  // namespace tidemark::bench
