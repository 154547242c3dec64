#include "redis/reshard.hpp"

using namespace tidemark::test;

TEST_CASE("results are exact though their slot is moved 20 times there and back", "[extended]") {
  reshard_under_transactions(20, {});
}

TEST_CASE("results are exact though their slot is moved 20 times there and back, keys that exist replaced",
          "[extended]") {
  reshard_under_transactions(20, {"--cluster-replace"});
}
