#include "stores/redis/reply_reader.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <new>
#include <string>
#include <utility>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"

namespace tidemark {

/// hiredis's callbacks: they build our replies in place, and throw nothing into its C frames.
class RedisReplyBuilder {
 public:
  static redisReplyObjectFunctions& functions() {
    static redisReplyObjectFunctions table = [] {
      redisReplyObjectFunctions made{};
      made.createString = string;
      made.createArray = array;
      made.createInteger = integer;
      made.createNil = nil;
#if HIREDIS_MAJOR >= 1  // types of RESP3, which we never ask for; hiredis would make up a pointer were these missing
      made.createDouble = [](const redisReadTask*, double, char*, std::size_t) -> void* { return nullptr; };
      made.createBool = [](const redisReadTask*, int) -> void* { return nullptr; };
#endif
      made.freeObject = [](void* reply) { delete static_cast<RedisReply*>(reply); };
      return made;
    }();
    return table;
  }

 private:
#if HIREDIS_MAJOR >= 1
  using Count = std::size_t;
#else
  using Count = int;
#endif

  // Redis itself nests eight deep, in its answer to COMMAND. Some versions of hiredis know no limit, and a reply is destroyed by recursion.
  static constexpr int max_depth = 16;

  static int depth(const redisReadTask* task) {
    int depth = 1;
    for (; task->parent != nullptr && depth <= max_depth; task = task->parent) ++depth;
    return depth;
  }

  // A reply within an array is a member of it. The array does not grow before that member is whole, so its address holds as long as
  // hiredis uses it.
  static void* place(const redisReadTask* task, RedisReply&& reply) noexcept {
    if (++*static_cast<std::size_t*>(task->privdata) > detail::RedisReplyReader::max_reply_elements) return nullptr;
    try {
      if (task->parent == nullptr) return new RedisReply{std::move(reply)};
      return &static_cast<RedisReply*>(task->parent->obj)->elements_.emplace_back(std::move(reply));
    } catch (...) {
      return nullptr;
    }
  }

  static void* string(const redisReadTask* task, char* text, std::size_t size) {
    try {
      switch (task->type) {
        case REDIS_REPLY_STRING:
          return place(task, RedisReply{RedisReply::Type::string, std::string(text, size)});
        case REDIS_REPLY_STATUS:
          return place(task, RedisReply{RedisReply::Type::status, std::string(text, size)});
        case REDIS_REPLY_ERROR:
          return place(task, RedisReply{RedisReply::Type::error, std::string(text, size)});
        default:
          return nullptr;
      }
    } catch (...) {
      return nullptr;
    }
  }
  static void* array(const redisReadTask* task, Count) {
    if (task->type != REDIS_REPLY_ARRAY || depth(task) > max_depth) return nullptr;
    return place(task, RedisReply{std::vector<RedisReply>{}});
  }
  static void* integer(const redisReadTask* task, long long number) {
    return place(task, RedisReply{static_cast<std::int64_t>(number)});
  }
  static void* nil(const redisReadTask* task) { return place(task, RedisReply{}); }
};

namespace detail {

void RedisReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

RedisReplyReader::RedisReplyReader() : reader_{redisReaderCreateWithFunctions(&RedisReplyBuilder::functions())} {
  if (!reader_) throw std::bad_alloc{};
  reader_->privdata = &elements_;
}

void RedisReplyReader::feed(std::string_view bytes) {
  fed_since_reply_ += bytes.size();
  redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

std::optional<RedisReply> RedisReplyReader::next() {
  void* got = nullptr;
  const auto outcome = redisReaderGetReply(reader_.get(), &got);
  const std::unique_ptr<RedisReply> reply{static_cast<RedisReply*>(got)};
  if (elements_ > max_reply_elements)
    throw StoreError{fmt::format("the server's reply has more than {} elements: read less at once", max_reply_elements),
                     StoreError::Retry::yes};
  if (outcome != REDIS_OK)
    throw StoreError{fmt::format("the server's reply is malformed or holds what was not asked for ({})",
                                 stores::quoted(reader_->errstr)),
                     StoreError::Retry::yes};
  if (!reply) {
    if (fed_since_reply_ > max_reply_bytes)
      throw StoreError{"the server's reply is larger than 1 GiB", StoreError::Retry::yes};
    return std::nullopt;
  }
  fed_since_reply_ = reader_->len - reader_->pos;
  elements_ = 0;
  return std::move(*reply);
}

bool RedisReplyReader::has_rest() const { return fed_since_reply_ > 0; }

}  // namespace detail

}  // namespace tidemark
