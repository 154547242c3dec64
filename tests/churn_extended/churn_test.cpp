#include "churn/check.hpp"

using tidemark::test::check_churn;

TEST_CASE("150 changes in a cooperative group cost no record", "[churn]") { check_churn(150, "cooperative-sticky"); }

TEST_CASE("150 changes in an eager group cost no record", "[churn]") { check_churn(150, "range"); }
