#include "stores/common/text.hpp"

#include <limits>

#include "support/catch.hpp"

using namespace tidemark;

TEST_CASE("an offset is what a store itself would print of a number from 0 to 2^63-1", "[unit]") {
  CHECK(stores::offset_in("0") == 0);
  CHECK(stores::offset_in("514") == 514);
  CHECK(stores::offset_in("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const auto* text : {"", "-1", "-0", "+5", " 5", "5 ", "05", "00", "1e3", "0x1", "1.0", "9223372036854775808",
                           "99999999999999999999", "abc", "12abc", "\n"}) {
    CAPTURE(text);
    CHECK_FALSE(stores::offset_in(text));
  }
  CHECK_FALSE(stores::offset_in(std::string_view{"1\0", 2}));
  CHECK(stores::partition_in("2147483647") == std::numeric_limits<std::int32_t>::max());
  CHECK_FALSE(stores::partition_in("2147483648"));
}

TEST_CASE("names from outside are quoted, escaped and shortened", "[unit]") {
  CHECK(stores::quoted(std::string_view{"a\0\n\x7f", 4}) == "\"a\\x00\\x0a\\x7f\"");
  CHECK(stores::quoted(std::string(10'000, 'x')).size() < 400);
  CHECK(stores::host_and_port("::1", 6379) == "[::1]:6379");
}
