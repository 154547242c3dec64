#include "stores/file/offset_table.hpp"

#include <limits>
#include <vector>

#include "stores/file/values_check.hpp"
#include "support/catch.hpp"
#include "support/store_error.hpp"

using namespace tidemark;
using namespace tidemark::file;
using namespace tidemark::test;

namespace {

const TopicPartition orders0{"orders", 0};
const TopicPartition orders1{"orders", 1};
const OffsetTable stored{{orders0, 100}};

std::optional<Conflict> commit(Proposal& proposal, std::vector<OffsetRange> ranges) { return proposal.commit(ranges); }

}  // namespace

TEST_CASE("a range that starts at the stored offset, or where nothing is stored, goes through", "[unit]") {
  Proposal proposal{stored};
  CHECK_FALSE(commit(proposal, {{orders0, 100, 120}, {orders1, 7, 9}}));
  CHECK(proposal.edits() == Edits{{orders0, 120}, {orders1, 9}});
}

TEST_CASE("a range whose end is stored already is done and writes nothing", "[unit]") {
  Proposal proposal{stored};
  CHECK_FALSE(commit(proposal, {{orders0, 50, 100}}));
  CHECK_FALSE(commit(proposal, {{orders0, 100, 100}}));
  CHECK(proposal.edits().empty());
}

TEST_CASE("a conflict names the first partition that stands elsewhere and changes nothing", "[unit]") {
  Proposal proposal{stored};
  CHECK(commit(proposal, {{orders1, 0, 9}, {orders0, 90, 110}}) == Conflict{orders0, 100});
  CHECK(proposal.edits().empty());
}

TEST_CASE("a stored 0 is compared, unlike an absent offset", "[unit]") {
  const OffsetTable zero{{orders0, 0}};
  Proposal proposal{zero};
  CHECK(commit(proposal, {{orders0, 5, 6}}) == Conflict{orders0, 0});
  CHECK_FALSE(commit(proposal, {{orders1, 0, 0}}));
  CHECK(proposal.edits() == Edits{{orders1, 0}});
}

TEST_CASE("a range may end before it begins", "[unit]") {
  Proposal proposal{stored};
  CHECK_FALSE(commit(proposal, {{orders0, 100, 3}}));
  CHECK(proposal.edits() == Edits{{orders0, 3}});
}

TEST_CASE("a later caller sees the changes of the earlier ones", "[unit]") {
  Proposal proposal{stored};
  CHECK_FALSE(commit(proposal, {{orders0, 100, 110}}));
  CHECK_FALSE(commit(proposal, {{orders0, 110, 120}}));
  CHECK(commit(proposal, {{orders0, 100, 105}}) == Conflict{orders0, 120});
  proposal.erase(std::vector{orders0});
  CHECK_FALSE(commit(proposal, {{orders0, 0, 5}}));
  CHECK(proposal.edits() == Edits{{orders0, 5}});
}

TEST_CASE("what ends where it began is not written", "[unit]") {
  Proposal proposal{stored};
  proposal.overwrite(std::vector<StoredOffset>{{orders0, 5}});
  proposal.overwrite(std::vector<StoredOffset>{{orders0, 100}});
  proposal.erase(std::vector{orders1});
  CHECK(proposal.edits().empty());
}

TEST_CASE("what cannot be an offset is refused with a text that names the partition", "[unit]") {
  const std::vector<OffsetRange> good{{orders0, 0, std::numeric_limits<std::int64_t>::max()}};
  CHECK_NOTHROW(check(good));
  const auto bad = GENERATE(OffsetRange{{"orders", 0}, 0, -1}, OffsetRange{{"orders", 0}, -1001, 5},
                            OffsetRange{{"orders", -1}, 0, 5});
  CHECK(says(store_error_of([&] { check(std::vector<OffsetRange>{bad}); }), "orders["));
  CHECK_THROWS_AS(check(std::vector<StoredOffset>{{orders0, -1}}), StoreError);
}

TEST_CASE("a partition that occurs twice in one call is refused", "[unit]") {
  const std::vector<OffsetRange> twice{{orders0, 0, 1}, {orders1, 0, 1}, {orders0, 1, 2}};
  CHECK(says(store_error_of([&] { check(twice); }), "orders[0]", "twice"));
}
