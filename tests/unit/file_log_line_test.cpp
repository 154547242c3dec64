#include "stores/file/log_line.hpp"

#include <limits>

#include "support/catch.hpp"

using tidemark::TopicPartition;
using namespace tidemark::file;
using namespace std::string_literals;

namespace {

std::optional<LogLine> read_back(const LogLine& line) {
  const auto text = encode(line);
  REQUIRE(text.find('\n') == text.size() - 1);
  const auto body = unseal(std::string_view{text}.substr(0, text.size() - 1));
  REQUIRE(body);
  return decode(*body);
}

}  // namespace

TEST_CASE("a record is one line that a person can read", "[unit]") {
  const LogLine line{7, {{{"orders", 0}, 100}, {{"orders", 12}, 250}, {{"payments", 1}, std::nullopt}}};
  const auto text = encode(line);
  CHECK(text.starts_with("7 orders:0=100 orders:12=250 payments:1=- #"));
}

TEST_CASE("the checksum is CRC-32C", "[unit]") {
  // The check value of that polynomial's definition.
  CHECK(seal("123456789") == "123456789 #e3069283\n");
}

TEST_CASE("whatever a record holds comes back from its line", "[unit]") {
  const auto max_partition = std::numeric_limits<std::int32_t>::max();
  const auto max_offset = std::numeric_limits<std::int64_t>::max();
  const LogLine line{std::numeric_limits<std::uint64_t>::max(),
                     {{{"", 0}, 0},
                      {{"a b:c=d #e", 1}, 1},
                      {{"line\nbreak\r\0nul"s, 2}, 2},
                      {{"../../etc/passwd", 3}, std::nullopt},
                      {{"\xff\xfe%25", 4}, 4},
                      {{"größe-サイズ", 5}, 5},
                      {{std::string(10'000, 'x'), max_partition}, max_offset}}};
  const auto back = read_back(line);
  REQUIRE(back);
  CHECK(back->sequence == line.sequence);
  CHECK(back->edits == line.edits);
}

TEST_CASE("a record without changes comes back too", "[unit]") {
  const auto back = read_back({0, {}});
  REQUIRE(back);
  CHECK(back->edits.empty());
}

TEST_CASE("what is no record is refused, even with a right checksum", "[unit]") {
  const auto* const body =
      GENERATE("", "x", "-1 a:0=1", "1 a", "1 a:0", "1 a=0", "1 a:0=", "1 a:0=abc", "1 a:0=12abc", "1 a:0= 12",
               "1 a:0=+5", "1 a:0=-1", "1 a:0=1e3", "1 a:0=9223372036854775808", "1 a:=1", "1 a:x=1", "1 a:-1=1",
               "1 a:2147483648=1", "1 a:0=1 a:0=2", "1  a:0=1", "1 %:0=1", "1 %4:0=1", "1 %zz:0=1", "1 %0a:0=1",
               "1 %41:0=1", "1 a/b:0=1", "18446744073709551616 a:0=1");
  CAPTURE(body);
  CHECK_FALSE(decode(body));
}

TEST_CASE("a header tells its group, whatever that is called", "[unit]") {
  const auto group = GENERATE("billing"s, ""s, "a b"s, "x\n1 orders:0=5 #"s, "\0"s, std::string(10'000, '/'));
  const auto text = encode_header(group);
  REQUIRE(text.find('\n') == text.size() - 1);
  const auto body = unseal(std::string_view{text}.substr(0, text.size() - 1));
  REQUIRE(body);
  CHECK(decode_header(*body) == group);
}

TEST_CASE("the header of a later format is not taken for this one", "[unit]") {
  CHECK_FALSE(decode_header("tidemark-offsets 2 group=billing"));
  CHECK_FALSE(decode_header("tidemark-offsets 1"));
  CHECK_FALSE(decode_header(""));
}
