#include "stores/redis/refusal.hpp"

#include "support/catch.hpp"

using namespace tidemark;
using detail::redis_refusal;
using detail::redis_refused;
using detail::RedisRemedy;

TEST_CASE("each error reply of Redis has its remedy", "[unit]") {
  struct Expected {
    const char* error;
    RedisRemedy remedy;
  };
  const auto [error, remedy] = GENERATE(values<Expected>({
      {"MOVED 3999 127.0.0.1:6381", RedisRemedy::redirect},
      {"ASK 3999 127.0.0.1:6381", RedisRemedy::ask},
      {"TRYAGAIN Multiple keys request during rehashing of slot", RedisRemedy::repeat},
      {"CLUSTERDOWN The cluster is down", RedisRemedy::rediscover},
      {"CLUSTERDOWN Hash slot not served", RedisRemedy::rediscover},
      {"READONLY You can't write against a read only replica.", RedisRemedy::rediscover},
      {"LOADING Redis is loading the dataset in memory", RedisRemedy::retry},
      {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", RedisRemedy::rediscover},
      {"BUSY Redis is busy running a script.", RedisRemedy::retry},
      {"OOM command not allowed when used memory > 'maxmemory'.", RedisRemedy::retry},
      {"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
       RedisRemedy::retry},
      {"NOREPLICAS Not enough good replicas to write.", RedisRemedy::retry},
      {"NOAUTH Authentication required.", RedisRemedy::fatal},
      {"WRONGPASS invalid username-password pair or user is disabled.", RedisRemedy::fatal},
      {"NOPERM this user has no permissions to run the 'hset' command", RedisRemedy::fatal},
      {"ERR The user executing the script can't run this command or subcommand", RedisRemedy::fatal},
      {"WRONGTYPE Operation against a key holding the wrong kind of value", RedisRemedy::fatal},
      {"NOSCRIPT No matching script. Please use EVAL.", RedisRemedy::send_script},
      {"CROSSSLOT Keys in request don't hash to the same slot", RedisRemedy::fatal},
      {"DENIED Redis is running in protected mode", RedisRemedy::fatal},
      {"ERR max number of clients reached", RedisRemedy::reconnect},
      {"ERR unknown command 'EVALSHA'", RedisRemedy::fatal},
      {"ERR something that no Redis says today", RedisRemedy::fatal},
      {"BUSYKEY Target key name already exists.", RedisRemedy::fatal},
      {"", RedisRemedy::fatal},
  }));
  CAPTURE(error);
  CHECK(redis_refusal(error).remedy == remedy);
  const bool is_fatal = remedy == RedisRemedy::fatal;
  CHECK(redis_refused("host:1", "commit offsets", error).is_retryable() == !is_fatal);
}

TEST_CASE("an error that an older server wraps because a script met it is found inside", "[unit]") {
  CHECK(redis_refusal("ERR Error running script (call to f_4ca238f611c9d0ae4e9a75a5dbac22aedc1e44bb): @user_script:3: "
                      "OOM command not allowed when used memory > 'maxmemory'.")
            .remedy == RedisRemedy::retry);
  CHECK(redis_refusal("@user_script: 12: -READONLY You can't write against a read only replica.  ").remedy ==
        RedisRemedy::rediscover);
  CHECK(redis_refusal("@user_script: 12: The user executing the script can't run this command or subcommand").hint !=
        std::string_view{});
  CHECK(redis_refusal("@user_script: 12").remedy == RedisRemedy::fatal);
}

TEST_CASE("a redirection names its target", "[unit]") {
  CHECK(redis_refusal("MOVED 3999 127.0.0.1:6381").target == RedisAddress{"127.0.0.1", 6381});
  CHECK(redis_refusal("ASK 3999 redis-2.local:6379").target == RedisAddress{"redis-2.local", 6379});
  CHECK(redis_refusal("MOVED 3999 ::1:6381").target == RedisAddress{"::1", 6381});
  CHECK(redis_refusal("MOVED 3999 :6381").target == RedisAddress{"", 6381});
}

TEST_CASE("a redirection that names no target asks for the cluster's slots anew", "[unit]") {
  for (const auto* error : {"MOVED ", "MOVED 3999", "MOVED 3999 host", "ASK 1 host:", "ASK 1 host:0",
                            "ASK 1 host:99999", "MOVED 1 host:12x"}) {
    CAPTURE(error);
    CHECK(redis_refusal(error).remedy == RedisRemedy::rediscover);
  }
}

TEST_CASE("the text of a refusal says who, what, why and what mends it, but repeats no arguments", "[unit]") {
  const std::string text =
      redis_refused("host:6379", "authenticate", "ERR unknown command 'AUTH', with args beginning with: 's3cret' ")
          .what();
  CHECK_THAT(text, test::containing("host:6379") && test::containing("authenticate") && test::containing("'AUTH'") &&
                       test::containing("renamed"));
  CHECK_THAT(text, !test::containing("s3cret"));
}
