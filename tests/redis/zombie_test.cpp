#include <tidemark/stores/redis.hpp>

#include <fstream>
#include <iostream>
#include <random>
#include <string>

#include "redis/redis_fixture.hpp"
#include "support/cutting_proxy.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

bool stands_still(pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text;
  std::getline(file, text);
  return text.substr(text.rfind(')') + 2, 1) == "T";
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// One consumer that is frozen again and again, and another one that takes over meanwhile.
struct Zombies {
  explicit Zombies(const std::string& its_place)
      : place{its_place},
        zombie{{.command = {TIDEMARK_REDIS_ZOMBIE, "redis://127.0.0.1:" + std::to_string(proxy.port()), its_place}}} {}

  void freeze_take_over_and_wake() {
    REQUIRE(eventually([&] { return stands_still(zombie.pid()) || !zombie.running(); }));
    INFO(zombie.output());
    REQUIRE(zombie.running());
    if (place == "inside") {
      // Somewhere within the request or the reply of the commit; then it is stopped there.
      using Direction = CuttingProxy::Direction;
      const bool in_request = random() % 2 == 0;
      proxy.arm(CuttingProxy::Cut{in_request ? Direction::request : Direction::reply,
                                  random() % (in_request ? 300 : 15), CuttingProxy::Fault::stall});
      zombie.thaw();
      REQUIRE(eventually([&] { return proxy.has_cut(); }));
      zombie.freeze();
    }
    const auto takeovers = 1 + random() % 3;
    for (std::size_t i = 0; i < takeovers; ++i) {
      const auto from = fixture.next().value_or(0);
      auto transaction = fixture.begin(orders(from, from + 7));
      transaction.command("INCRBY", "sum", 7);
      transaction.command("RPUSH", "list", from);
      REQUIRE_FALSE(transaction.commit());
    }
    const auto before = state();
    const auto lines = lines_in(zombie.output());
    zombie.thaw();
    proxy.release();
    // Until it stands still again, it has committed what it was about to when it was frozen, and nothing since.
    REQUIRE(eventually([&] { return lines_in(zombie.output()) >= lines + 1; }));
    if (place != "after") CHECK(state() == before);
  }
  std::string state() {
    return "offset " + std::to_string(fixture.next().value_or(0)) + " sum " +
           std::string{fixture.probe("GET", "sum").text()} + " list " +
           std::to_string(fixture.probe("LLEN", "list").integer());
  }
  std::size_t random() { return generator(); }

  std::string place;
  std::mt19937 generator{std::random_device{}()};
  RedisServer server;
  RedisFixture fixture{server};
  CuttingProxy proxy{server.port()};
  Process zombie;
};

}  // namespace

TEST_CASE("no commit of a frozen consumer changes anything once another one has taken over", "[redis]") {
  const std::string place = GENERATE(as<std::string>{}, "before", "inside", "after");
  CAPTURE(place);
  constexpr int times = 25;
  Zombies zombies{place};
  for (int i = 0; i < times; ++i) {
    CAPTURE(i);
    zombies.freeze_take_over_and_wake();
    REQUIRE(eventually([&] { return stands_still(zombies.zombie.pid()); }));
    CHECK(std::to_string(*zombies.fixture.next()) == zombies.fixture.probe("GET", "sum").text());
  }
  zombies.zombie.kill();
  CHECK(zombies.zombie.output().find("wrong") == std::string::npos);
  if (place == "before") CHECK(zombies.zombie.output().find("done") == std::string::npos);
  if (place == "before") CHECK(zombies.zombie.output().find("conflict") != std::string::npos);
  std::cout << "redis-zombies: frozen " << place << " its commit " << times << " times" << std::endl;
}
