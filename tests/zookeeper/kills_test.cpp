#include "zookeeper/kill_under_commits.hpp"

TEST_CASE("each commit is applied once, though the server is killed 20 times under three committers", "[zookeeper]") {
  tidemark::test::kill_under_commits(20);
}
