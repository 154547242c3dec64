#include "stores/common/deadline.hpp"

#include <chrono>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using tidemark::stores::Deadline;

TEST_CASE("a deadline for ever never passes, and its wait can be added to", "[unit]") {
  for (const auto forever : {milliseconds::max(), milliseconds::max() - 1ms,
                             std::chrono::floor<milliseconds>(Deadline::Clock::duration::max())}) {
    const Deadline deadline{forever};
    CHECK_FALSE(deadline.is_over());
    CHECK(deadline.left() == Deadline::longest_wait);
    CHECK(deadline.at() == Deadline::Clock::time_point::max());
  }
}

TEST_CASE("a deadline of no time, or less, is over at once", "[unit]") {
  for (const auto none : {0ms, -1ms, milliseconds::min()}) {
    const Deadline deadline{none};
    CHECK(deadline.is_over());
    CHECK(deadline.left() == 0ms);
  }
}

TEST_CASE("the longest time that is told apart from for ever is kept", "[unit]") {
  const auto longest =
      std::chrono::floor<milliseconds>(Deadline::Clock::time_point::max() - Deadline::Clock::now()) - 1min;
  CHECK(Deadline{longest}.at() < Deadline::Clock::time_point::max());
  CHECK(Deadline{longest}.left() == Deadline::longest_wait);
  CHECK(Deadline{1h}.left() > 59min);
  CHECK(Deadline{1h}.left() <= 1h);
}

TEST_CASE("of two deadlines the earlier one holds", "[unit]") {
  const Deadline hour{1h};
  CHECK(hour.no_later_than(Deadline::Clock::now()).is_over());
  CHECK(hour.no_later_than(Deadline::Clock::time_point::max()).at() == hour.at());
  CHECK(Deadline{milliseconds::max()}.no_later_than(hour.at()).at() == hour.at());
}
