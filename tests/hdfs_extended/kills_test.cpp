#include "hdfs/kills.hpp"

TEST_CASE("no commit is lost or comes back though name node and data node are killed 20 times", "[extended]") {
  tidemark::test::kill_servers(20);
}
