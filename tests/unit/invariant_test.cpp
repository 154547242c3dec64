#include "core/invariant.hpp"

#include <string>

#include "support/catch.hpp"

using namespace tidemark::core;

namespace {

struct Broken {
  std::string kind;
  int number;
  std::string condition;
  std::string file;
  int line;
};

/// Leaves the assertion by an exception, so that it does not abort the test.
void throw_it(const BrokenAssertion& broken) {
  throw Broken{broken.kind, broken.number, broken.condition, broken.file, broken.line};
}

class Listening {
 public:
  Listening() { set_assertion_listener(throw_it); }
  ~Listening() { set_assertion_listener(nullptr); }
};

}  // namespace

TEST_CASE("an assertion that holds says nothing", "[unit]") {
  const Listening listening;
  TIDEMARK_INVARIANT(3, 1 + 1 == 2);
  TIDEMARK_EXPECTS(1 + 1 == 2);
  TIDEMARK_ENSURES(1 + 1 == 2);
  SUCCEED();
}

#ifdef TIDEMARK_ASSERTIONS

TEST_CASE("a broken invariant names its number, its condition and its place", "[unit]") {
  const Listening listening;
  const int handed = 3;
  const int next = 2;
  const int line = __LINE__ + 2;
  try {
    TIDEMARK_INVARIANT(13, handed <= next);
    FAIL("nothing was said");
  } catch (const Broken& broken) {
    CHECK(broken.kind == "invariant");
    CHECK(broken.number == 13);
    CHECK(broken.condition == "handed <= next");
    CHECK_THAT(broken.file, tidemark::test::containing("invariant_test.cpp"));
    CHECK(broken.line == line);
  }
}

TEST_CASE("preconditions and postconditions are told apart", "[unit]") {
  const Listening listening;
  const auto kind_of = [](const auto& code) -> std::string {
    try {
      code();
    } catch (const Broken& broken) {
      return broken.kind;
    }
    return "nothing";
  };
  CHECK(kind_of([] { TIDEMARK_EXPECTS(1 > 2); }) == "precondition");
  CHECK(kind_of([] { TIDEMARK_ENSURES(1 > 2); }) == "postcondition");
}

#else

TEST_CASE("where assertions are off nothing is evaluated", "[unit]") {
  const Listening listening;
  int evaluated = 0;
  TIDEMARK_INVARIANT(1, ++evaluated < 0);
  TIDEMARK_EXPECTS(++evaluated < 0);
  TIDEMARK_ENSURES(++evaluated < 0);
  CHECK(evaluated == 0);
}

#endif
