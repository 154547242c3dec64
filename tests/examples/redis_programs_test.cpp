#include <string>
#include <utility>

#include "example.hpp"
#include "support/catch.hpp"
#include "support/redis_server.hpp"

using tidemark::test::end;
using tidemark::test::eventually;
using tidemark::test::Example;
using tidemark::test::ExitStatus;
using tidemark::test::patience;
using tidemark::test::Process;
using tidemark::test::RedisServer;
using tidemark::test::says;

namespace {

const ExitStatus success{.code = 0};
const ExitStatus failure{.code = 1};

}  // namespace

TEST_CASE("07 goes on from a hash that another job wrote, and leaves one for it", "[examples]") {
  RedisServer server;
  auto probe = server.probe();
  Example example{"07_redis_offsets", "redis_offsets", {server.url()}};
  for (int i = 0; i < 3; ++i) example.produce_to(1, "ada", "value " + std::to_string(i));
  // The job had handled the first.
  probe("HMSET", "kafka:topic:orders:billing", "0", "0", "1", "1");
  Process process{example.start()};
  REQUIRE(says(process, "  ada = value 2\n"));
  CHECK(end(process) == success);
  CHECK(says(process, "appendfsync always"));
  CHECK_FALSE(process.output().find("value 0") != std::string::npos);
  CHECK(probe.hash("kafka:topic:orders:billing") == "0=0 1=3");
}

TEST_CASE("08 counts each record once over two runs", "[examples]") {
  RedisServer server;
  auto probe = server.probe();
  Example example{"08_redis_exactly_once", "redis_exactly_once", {server.url()}};
  const auto count = [&](const std::string& key) {
    const auto reply = probe("HGET", "counts", key);
    return reply.is_nil() ? 0 : reply.integer();
  };
  for (int i = 0; i < 100; ++i) example.produce(i % 2 ? "ada" : "ben", std::string(static_cast<std::size_t>(i), 'x'));
  {
    Process process{example.start()};
    REQUIRE(eventually([&] { return count("ada") + count("ben") > 0; }, patience));
    CHECK(end(process) == success);
  }
  example.renew_broker();
  example.produce("cid", "last");
  Process process{example.start()};
  REQUIRE(eventually([&] { return count("ada") + count("ben") + count("cid") == 101; }, patience));
  CHECK(end(process) == success);
  CHECK(count("ada") == 50);
  CHECK(count("cid") == 1);
  CHECK(probe("HGET", "longest", "ada").text() == "99");
}

TEST_CASE("07 and 08 end with 1 when Redis refuses them, and say how they are called", "[examples]") {
  RedisServer server{{.arguments = {"--requirepass", "secret"}}};
  for (const auto& [folder, name] :
       {std::pair{"07_redis_offsets", "redis_offsets"}, std::pair{"08_redis_exactly_once", "redis_exactly_once"}}) {
    Example example{folder, name, {server.url()}};
    Process process{example.start()};
    CHECK(process.wait(patience) == failure);
    CHECK(says(process, "NOAUTH"));
    Process helpless{example.start_without_arguments()};
    CHECK(helpless.wait(patience) == ExitStatus{.code = 2});
    CHECK(says(helpless, "usage:"));
  }
}
