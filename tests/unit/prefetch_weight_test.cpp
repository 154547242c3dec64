#include "core/prefetch_weight.hpp"

#include "support/catch.hpp"

using tidemark::core::PrefetchWeight;

namespace {

std::optional<PrefetchWeight::Excess> look(PrefetchWeight& weight, std::size_t bytes, int times) {
  std::optional<PrefetchWeight::Excess> excess;
  for (int i = 0; i < times; ++i)
    if (const auto found = weight.look_at(bytes)) excess = found;
  return excess;
}

}  // namespace

TEST_CASE("small keys and headers are no excess, however many there are", "[unit]") {
  PrefetchWeight weight{1'000'000, 1'000};
  CHECK_FALSE(look(weight, 1'000, 100'000));
}

TEST_CASE("large keys and headers are an excess, told once, with how many records would fit", "[unit]") {
  PrefetchWeight weight{1'000'000, 1'000};
  const auto excess = look(weight, 10'000, 100);
  REQUIRE(excess);
  CHECK(excess->each == 10'000);
  CHECK(excess->all == 10'000'000);
  CHECK(excess->advised_records == 75);
  CHECK_FALSE(look(weight, 20'000, 100));
}

TEST_CASE("a single record with a large key is no excess", "[unit]") {
  PrefetchWeight weight{1'000'000, 1'000};
  CHECK_FALSE(look(weight, 5'000, 1));
  CHECK_FALSE(look(weight, 10, 1'000));
}

TEST_CASE("a record that is larger than the queue's share still fits alone", "[unit]") {
  PrefetchWeight weight{1'000, 100};
  const auto excess = look(weight, 50'000, 8);
  REQUIRE(excess);
  CHECK(excess->advised_records == 1);
}
