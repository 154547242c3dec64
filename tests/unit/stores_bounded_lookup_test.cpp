#include "stores/common/bounded_lookup.hpp"

#include <future>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark::stores;

TEST_CASE("a look-up that hangs ends in time, and serves a later caller", "[unit]") {
  std::promise<void> answer;
  int calls = 0;
  BoundedLookup lookup{[&, answered = answer.get_future().share()](const std::string&) {
    ++calls;
    answered.wait();
    return std::vector<std::string>{"192.0.2.1"};
  }};
  const auto began = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(lookup.addresses("slow.example", Deadline{50ms}), LookupTimeout);
  CHECK_THROWS_AS(lookup.addresses("slow.example", Deadline{50ms}), LookupTimeout);
  CHECK(std::chrono::steady_clock::now() - began < 10s);
  answer.set_value();
  CHECK(lookup.addresses("slow.example", Deadline{1min}) == std::vector<std::string>{"192.0.2.1"});
  CHECK(lookup.addresses("slow.example", Deadline{0ms}) == std::vector<std::string>{"192.0.2.1"});
  CHECK(calls == 1);
}

TEST_CASE("a name without an address is looked up again the next time", "[unit]") {
  int calls = 0;
  BoundedLookup lookup{[&](const std::string&) -> std::vector<std::string> {
    if (++calls == 1) throw std::runtime_error{"no such name"};
    return {"192.0.2.1"};
  }};
  CHECK_THROWS_WITH(lookup.addresses("new.example", Deadline{1min}), "no such name");
  CHECK(lookup.addresses("new.example", Deadline{1min}).size() == 1);
}

TEST_CASE("the system's resolver knows this machine, and addresses are told from names", "[unit]") {
  CHECK_FALSE(BoundedLookup{}.addresses("localhost", Deadline{1min}).empty());
  CHECK(BoundedLookup::is_numeric("127.0.0.1"));
  CHECK(BoundedLookup::is_numeric("::1"));
  CHECK_FALSE(BoundedLookup::is_numeric("localhost"));
}
