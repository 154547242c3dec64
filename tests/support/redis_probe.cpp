#include "support/redis_probe.hpp"

#include <hiredis/hiredis.h>

#include <map>
#include <stdexcept>

namespace tidemark::test {
namespace {

RedisReply converted(const redisReply& reply) {
  const auto text = [&] { return std::string(reply.str, reply.len); };
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      return RedisReply{static_cast<std::int64_t>(reply.integer)};
    case REDIS_REPLY_STRING:
      return {RedisReply::Type::string, text()};
    case REDIS_REPLY_STATUS:
      return {RedisReply::Type::status, text()};
    case REDIS_REPLY_ERROR:
      return {RedisReply::Type::error, text()};
    case REDIS_REPLY_ARRAY: {
      std::vector<RedisReply> elements;
      for (std::size_t i = 0; i < static_cast<std::size_t>(reply.elements); ++i)
        elements.push_back(converted(*reply.element[i]));
      return RedisReply{std::move(elements)};
    }
    default:
      return {};
  }
}

}  // namespace

void RedisProbe::Free::operator()(redisContext* context) const { redisFree(context); }

RedisProbe::RedisProbe(std::uint16_t port) : context_{redisConnectWithTimeout("127.0.0.1", port, {5, 0})} {
  if (!context_ || context_->err != 0) throw std::runtime_error{"no Redis on port " + std::to_string(port)};
}

RedisReply RedisProbe::run(const std::vector<std::string>& words) {
  std::vector<const char*> pointers;
  std::vector<std::size_t> sizes;
  for (const auto& word : words) {
    pointers.push_back(word.data());
    sizes.push_back(word.size());
  }
  const std::unique_ptr<redisReply, void (*)(redisReply*)> reply{
      static_cast<redisReply*>(
          redisCommandArgv(context_.get(), static_cast<int>(words.size()), pointers.data(), sizes.data())),
      [](redisReply* got) {
        if (got != nullptr) freeReplyObject(got);
      }};
  if (!reply) throw std::runtime_error{std::string{"the connection to Redis broke: "} + context_->errstr};
  return converted(*reply);
}

std::string RedisProbe::hash(const std::string& key) {
  const auto reply = run({"HGETALL", key});
  const auto fields = reply.elements();
  std::map<long, std::string> sorted;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
    sorted[std::stol(std::string{fields[i].text()})] = fields[i + 1].text();
  std::string text;
  for (const auto& [field, value] : sorted) text += (text.empty() ? "" : " ") + std::to_string(field) + "=" + value;
  return text;
}

std::string RedisProbe::info(const std::string& section, const std::string& name) {
  const std::string all{run({"INFO", section}).text()};
  const auto at = all.find("\n" + name + ":");
  if (at == std::string::npos) return {};
  const auto start = at + name.size() + 2;
  return all.substr(start, all.find('\r', start) - start);
}

}  // namespace tidemark::test
