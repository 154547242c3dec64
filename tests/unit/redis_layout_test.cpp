#include "stores/redis/layout.hpp"

#include <tidemark/error.hpp>

#include "support/catch.hpp"

using namespace tidemark;
using detail::redis_layout;
using Type = RedisReply::Type;
using Array = std::vector<RedisReply>;

namespace {

const RedisAddress asked{"asked", 7000};

RedisReply text(std::string_view text) { return {Type::string, std::string{text}}; }
RedisReply node(RedisReply host, std::int64_t port) {
  return RedisReply{Array{std::move(host), RedisReply{port}, text("id")}};
}
RedisReply range(std::int64_t first, std::int64_t last, RedisReply master) {
  return RedisReply{Array{RedisReply{first}, RedisReply{last}, std::move(master), node(text("replica"), 9)}};
}

}  // namespace

TEST_CASE("each slot belongs to the master that CLUSTER SLOTS names", "[unit]") {
  const auto layout =
      redis_layout(RedisReply{Array{range(0, 99, node(text("a"), 1)), range(100, 100, node(text("b"), 2)),
                                    range(16'000, 16'383, node(text("a"), 1))}},
                   asked);
  CHECK(layout.masters == std::vector<RedisAddress>{{"a", 1}, {"b", 2}});
  CHECK(*layout.master_of(99) == RedisAddress{"a", 1});
  CHECK(*layout.master_of(100) == RedisAddress{"b", 2});
  CHECK(*layout.master_of(16'383) == RedisAddress{"a", 1});
  CHECK(layout.master_of(101) == nullptr);
}

TEST_CASE("a node without a name is the one that was asked, at the port named", "[unit]") {
  for (const auto& host : {RedisReply{}, text(""), text("?")})
    CHECK(redis_layout(RedisReply{Array{range(0, 1, node(host, 7001))}}, asked).masters ==
          std::vector<RedisAddress>{{"asked", 7001}});
}

TEST_CASE("an answer to CLUSTER SLOTS that makes no sense is an error", "[unit]") {
  for (const auto& answer :
       {RedisReply{}, text("x"), RedisReply{Array{RedisReply{1}}}, RedisReply{Array{RedisReply{Array{}}}},
        RedisReply{Array{range(-1, 5, node(text("a"), 1))}}, RedisReply{Array{range(0, 16'384, node(text("a"), 1))}},
        RedisReply{Array{range(0, 5, text("a"))}}, RedisReply{Array{range(0, 5, node(text("a"), 70'000))}},
        RedisReply{Array{RedisReply{Array{text("0"), RedisReply{5}, node(text("a"), 1)}}}}})
    CHECK_THROWS_AS(redis_layout(answer, asked), StoreError);
}

TEST_CASE("without a cluster the one server has every slot", "[unit]") {
  const detail::RedisLayout layout{{{"a", 1}}};
  CHECK(*layout.master_of(0) == RedisAddress{"a", 1});
  CHECK(*layout.master_of(16'383) == RedisAddress{"a", 1});
}
