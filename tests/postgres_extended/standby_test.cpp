#include "postgres/promoted_standby.hpp"

TEST_CASE("results and offsets in PostgreSQL agree over 20 promotions of a standby that lagged",
          "[postgres-extended]") {
  tidemark::test::promote_standbys(20);
}
