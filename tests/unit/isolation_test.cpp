#include "core/isolation.hpp"

#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "support/catch.hpp"

using tidemark::core::Isolation;

namespace {

using Range = std::pair<std::size_t, std::size_t>;

struct Outcome {
  int calls = 0;
  std::set<std::size_t> isolated;
  std::vector<std::size_t> done;  // in order, isolated ones included
  std::vector<int> calls_of;      // a record, the one that began it included
  std::vector<int> attempts_of;   // as the last call said
};

/// Plays a batch of `size` records, of which `bad` make a call fail.
Outcome play(std::size_t size, const std::set<std::size_t>& bad) {
  Outcome outcome;
  outcome.calls_of.assign(size, 1);
  outcome.attempts_of.assign(size, 1);
  Isolation isolation{1};
  std::vector<Range> parts{{0, size}};
  while (!isolation.is_done()) {
    const auto [begin, end] = parts.back();
    if (isolation.step(end - begin) == Isolation::Step::divide) {
      const auto middle = begin + (end - begin) / 2;
      parts.back().first = middle;
      parts.emplace_back(begin, middle);
      isolation.divided();
      continue;
    }
    ++outcome.calls;
    for (auto i = begin; i < end; ++i) {
      ++outcome.calls_of[i];
      outcome.attempts_of[i] = isolation.attempt();
    }
    const auto first_bad = bad.lower_bound(begin);
    if (first_bad == bad.end() || *first_bad >= end)
      isolation.succeeded();
    else if (!isolation.failed(end - begin))
      continue;
    else
      outcome.isolated.insert(begin);
    for (auto i = begin; i < end; ++i) outcome.done.push_back(i);
    parts.pop_back();
  }
  REQUIRE(parts.empty());
  return outcome;
}

std::set<std::size_t> members(unsigned bits) {
  std::set<std::size_t> set;
  for (std::size_t i = 0; bits >> i; ++i)
    if (bits >> i & 1) set.insert(i);
  return set;
}

}  // namespace

TEST_CASE("whichever records fail, exactly these are found, in order and within 2 k log2 n calls", "[unit]") {
  for (std::size_t size = 2; size <= 11; ++size)
    for (unsigned bits = 1; bits < 1u << size; ++bits) {
      const auto bad = members(bits);
      const auto outcome = play(size, bad);
      std::vector<std::size_t> all(size);
      for (std::size_t i = 0; i < size; ++i) all[i] = i;
      CAPTURE(size, bits);
      REQUIRE(outcome.isolated == bad);
      REQUIRE(outcome.done == all);
      REQUIRE(outcome.calls_of == outcome.attempts_of);
      REQUIRE(outcome.calls <= 2 * static_cast<double>(bad.size()) * std::log2(size) + 1e-9);
    }
}

TEST_CASE("one bad record among ten thousand takes at most 26 calls, wherever it is", "[unit]") {
  for (std::size_t bad = 0; bad < 10'000; bad += 7) {
    const auto outcome = play(10'000, {bad});
    REQUIRE(outcome.isolated == std::set{bad});
    REQUIRE(outcome.calls <= 26);
  }
}

TEST_CASE("a batch that fails no more when it is tried in parts loses nothing", "[unit]") {
  const auto outcome = play(8, {});
  CHECK(outcome.isolated.empty());
  CHECK(outcome.done.size() == 8);
}
