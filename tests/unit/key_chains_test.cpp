#include <tidemark/detail/key_chains.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "support/catch.hpp"

using tidemark::Bytes;
using tidemark::detail::KeyChains;

namespace {

std::vector<std::size_t> all_ready(KeyChains& chains) {
  std::vector<std::size_t> taken;
  while (const auto record = chains.take()) taken.push_back(*record);
  return taken;
}

}  // namespace

TEST_CASE("records of one key wait for each other, the others do not", "[unit]") {
  const std::vector<Bytes> keys{"a", "b", "a", "c", "a"};
  KeyChains chains{keys};
  CHECK(chains.left() == 5);
  auto first = all_ready(chains);
  std::ranges::sort(first);
  CHECK(first == std::vector<std::size_t>{0, 1, 3});
  CHECK(chains.left() == 2);
  chains.finish(1);
  CHECK_FALSE(chains.take());
  chains.finish(0);
  CHECK(all_ready(chains) == std::vector<std::size_t>{2});
  chains.finish(2);
  CHECK(all_ready(chains) == std::vector<std::size_t>{4});
  CHECK(chains.left() == 0);
}

TEST_CASE("records without a key wait for none, while an empty key is a key", "[unit]") {
  const std::vector<Bytes> keys{{}, {}, "", ""};
  KeyChains chains{keys};
  CHECK(all_ready(chains) == std::vector<std::size_t>{2, 0, 1});
  chains.finish(2);
  CHECK(all_ready(chains) == std::vector<std::size_t>{3});
}

TEST_CASE("the longest chain goes first", "[unit]") {
  const std::vector<Bytes> keys{"short", "long", "longer", "long", "longer", "longer"};
  KeyChains chains{keys};
  CHECK(all_ready(chains) == std::vector<std::size_t>{2, 1, 0});
}

TEST_CASE("whatever finishes first, each record is taken once and in the order of its key", "[unit]") {
  std::mt19937 random{GENERATE(1U, 2U, 3U, 4U, 5U)};
  std::vector<std::string> texts;
  for (int i = 0; i < 500; ++i) texts.push_back(std::to_string(random() % 40));
  const std::vector<Bytes> keys{texts.begin(), texts.end()};
  KeyChains chains{keys};
  std::vector<std::size_t> in_flight;
  std::map<std::string, std::size_t> last;
  std::size_t taken = 0;
  while (chains.left() > 0 || !in_flight.empty()) {
    const auto record = random() % 2 == 0 ? chains.take() : std::nullopt;
    if (record) {
      ++taken;
      const auto is_same_key = [&](std::size_t other) { return texts[other] == texts[*record]; };
      CHECK(std::ranges::none_of(in_flight, is_same_key));
      const auto [before, is_first] = last.try_emplace(texts[*record], *record);
      CHECK((is_first || before->second < *record));
      before->second = *record;
      in_flight.push_back(*record);
    } else if (!in_flight.empty()) {
      const auto done = in_flight.begin() + static_cast<std::ptrdiff_t>(random() % in_flight.size());
      chains.finish(*done);
      in_flight.erase(done);
    }
  }
  CHECK(taken == 500);
}
