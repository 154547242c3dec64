#include <tidemark/error.hpp>

#include <vector>

#include "stores/redis/command_queue.hpp"
#include "stores/redis/command_table.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::detail;
using Type = RedisReply::Type;
using Array = std::vector<RedisReply>;

namespace {

RedisReply described(const char* name, std::int64_t arity, const std::vector<const char*>& flags,
                     std::int64_t first_key, std::int64_t last_key = 0, std::int64_t step = 0) {
  Array list;
  for (const auto* flag : flags) list.push_back({Type::status, flag});
  return RedisReply{Array{{Type::string, name},
                          RedisReply{arity},
                          RedisReply{std::move(list)},
                          RedisReply{first_key},
                          RedisReply{last_key == 0 ? first_key : last_key},
                          RedisReply{step}}};
}

std::string queued(const std::vector<std::vector<RedisArgument>>& commands) {
  RedisCommandQueue queue;
  for (const auto& words : commands) queue.add(redis_upper_case(words[0].text()), words);
  RedisArguments arguments;
  queue.append_to(arguments);
  std::string text;
  const std::string& encoded = arguments.encoded();
  for (std::size_t at = 0; at < encoded.size();) {
    const auto end = encoded.find("\r\n", at);
    const auto size = std::stoul(encoded.substr(at + 1, end - at - 1));
    text += (text.empty() ? "" : " ") + encoded.substr(end + 2, size);
    at = end + 2 + size + 2;
  }
  return text;
}

}  // namespace

TEST_CASE("a server's description of its commands tells what a script may run", "[unit]") {
  const RedisCommandTable table{
      RedisReply{Array{described("get", 2, {"readonly", "fast"}, 1), described("hset", -4, {"write"}, 1),
                       described("multi", 1, {"noscript"}, 0), described("select", 2, {"fast"}, 0), RedisReply{1},
                       RedisReply{Array{}}}}};
  REQUIRE(table.find("GET"));
  CHECK(table.find("GET")->only_reads);
  CHECK(table.find("GET")->takes(2));
  CHECK_FALSE(table.find("GET")->takes(3));
  CHECK(table.find("HSET")->takes(6));
  CHECK_FALSE(table.find("HSET")->takes(3));
  CHECK_FALSE(table.find("HSET")->only_reads);
  CHECK(table.find("HSET")->first_key == 1);
  CHECK_FALSE(table.find("MULTI")->allowed_in_scripts);
  CHECK_FALSE(table.find("SELECT")->allowed_in_scripts);
  CHECK(table.find("FLUSHALL") == nullptr);
}

TEST_CASE("the keys of a command are where the server says, counted from the end too", "[unit]") {
  const RedisCommandTable table{
      RedisReply{Array{described("get", 2, {}, 1), described("mset", -3, {}, 1, -1, 2),
                       described("blpop", -3, {}, 1, -2, 1), described("publish", 3, {}, 0),
                       described("bitop", -4, {}, 2, -1, 1), described("sort", -2, {"movablekeys"}, 1)}}};
  using Places = std::vector<std::size_t>;
  CHECK(table.find("GET")->key_places(2) == Places{1});
  CHECK(table.find("MSET")->key_places(5) == Places{1, 3});
  CHECK(table.find("BLPOP")->key_places(4) == Places{1, 2});
  CHECK(table.find("PUBLISH")->key_places(3).empty());
  CHECK(table.find("BITOP")->key_places(5) == Places{2, 3, 4});
  CHECK(table.find("BITOP")->key_places(2).empty());
  CHECK(table.find("SORT")->has_movable_keys);
  CHECK_FALSE(table.find("GET")->has_movable_keys);
}

TEST_CASE("a subcommand is described by itself", "[unit]") {
  const auto create = described("xgroup|create", -5, {"write"}, 2);
  const auto xgroup = described("xgroup", -2, {}, 0);
  Array entry{xgroup.elements().begin(), xgroup.elements().end()};
  for (int i = 0; i < 3; ++i) entry.push_back(RedisReply{Array{}});
  entry.push_back(RedisReply{Array{create}});
  const RedisCommandTable table{RedisReply{Array{RedisReply{entry}}}};
  REQUIRE(table.find("XGROUP"));
  CHECK(table.find("XGROUP")->has_subcommands);
  REQUIRE(table.find("XGROUP|CREATE"));
  CHECK(table.find("XGROUP|CREATE")->key_places(5) == std::vector<std::size_t>{2});
}

TEST_CASE("queued commands keep order and bytes, and the types their keys must have come first", "[unit]") {
  CHECK(queued({}) == "0");
  CHECK(queued({{"HINCRBY", "totals", "AA", 1}, {"hincrby", "totals", "B B", -2}}) ==
        "1 totals hash 4 HINCRBY totals AA 1 4 hincrby totals B B -2");
  CHECK(queued({{"SET", "k", std::string_view{"\0\r\n", 3}}}) == "0 3 SET k " + std::string("\0\r\n", 3));
}

TEST_CASE("the type of a key is not asked of one that an earlier command may have changed", "[unit]") {
  CHECK(queued({{"DEL", "k"}, {"LPUSH", "k", "x"}}) == "0 2 DEL k 3 LPUSH k x");
  CHECK(queued({{"LPUSH", "k", "x"}, {"DEL", "k"}, {"SADD", "k", "x"}}).starts_with("1 k list 3"));
}

TEST_CASE("a queued command is found again for a message", "[unit]") {
  RedisCommandQueue queue;
  const std::vector<RedisArgument> first{"HINCRBY", "totals", "AA", 1};
  const std::vector<RedisArgument> second{"LPUSH", "log", std::string_view{"$3\r\nabc\r\n"}};
  queue.add("HINCRBY", first);
  queue.add("LPUSH", second);
  CHECK(queue.size() == 2);
  CHECK(queue.shown(1) == "HINCRBY \"totals\"");
  CHECK(queue.shown(2) == "LPUSH \"log\"");
  CHECK(queue.shown(3) == "a command that was not queued");
}

TEST_CASE("more words than a script takes are refused", "[unit]") {
  RedisCommandQueue queue;
  const std::vector<RedisArgument> words(RedisCommandQueue::max_words_of_one, RedisArgument{"x"});
  queue.add("SADD", words);
  std::vector<RedisArgument> too_many = words;
  too_many.emplace_back("x");
  CHECK_THROWS_AS(queue.add("SADD", too_many), StoreError);
  CHECK_THROWS_AS(
      [&] {
        for (std::size_t i = 0; i < RedisCommandQueue::max_words / words.size() + 1; ++i) queue.add("SADD", words);
      }(),
      StoreError);
}
