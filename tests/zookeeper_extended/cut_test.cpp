#include "zookeeper/cut_under_commits.hpp"

TEST_CASE("a commit that is cut at one of 2,000 random points is applied once", "[extended]") {
  tidemark::test::cut_under_commits(2'000);
}
