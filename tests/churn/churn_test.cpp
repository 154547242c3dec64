#include "churn/check.hpp"

using tidemark::test::check_churn;

TEST_CASE("members that come, go, die and freeze under load lose nothing and count each record once", "[churn]") {
  check_churn(20, "cooperative-sticky");
}
