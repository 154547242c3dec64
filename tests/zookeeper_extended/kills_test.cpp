#include "zookeeper/kill_under_commits.hpp"

TEST_CASE("each commit is applied once, though the server is killed 100 times under three committers", "[extended]") {
  tidemark::test::kill_under_commits(100);
}
