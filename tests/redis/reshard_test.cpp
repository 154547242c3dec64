#include "redis/reshard.hpp"

using namespace tidemark::test;

TEST_CASE("results are exact though their slot is moved under transactions", "[redis]") {
  reshard_under_transactions(2, {});
}

TEST_CASE("results are exact though their slot is moved under transactions, keys that exist replaced", "[redis]") {
  reshard_under_transactions(2, {"--cluster-replace"});
}
