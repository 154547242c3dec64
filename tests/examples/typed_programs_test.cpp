#include <fstream>
#include <sstream>

#include "example.hpp"
#include "support/catch.hpp"

using namespace tidemark::test;

namespace {

[[maybe_unused]] std::string content(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

[[maybe_unused]] void check_orders(Example& example) {
  Process process{example.start()};
  REQUIRE(says(process, "ada pays 5\n"));
  REQUIRE(says(process, "ben pays 7\n"));
  REQUIRE(eventually([&] { return example.offsets_in_kafka() == 3; }, patience));
  CHECK(end(process) == ExitStatus{.code = 0});
  const auto letters = content(example.file("dead.jsonl"));
  CHECK(letters.find("\"reason\":\"undecodable\"") != std::string::npos);
  CHECK(letters.find("no order") != std::string::npos);
}

}  // namespace

#ifdef TIDEMARK_EXAMPLE_JSON_RECORDS
TEST_CASE("12 reads JSON, and sets aside what is none", "[examples]") {
  Example example{"12_json_records", "json_records", {"dead.jsonl"}};
  example.produce("1", R"({"customer":"ada","cents":5})");
  example.produce("2", "no order");
  example.produce("3", R"({"customer":"ben","cents":7})");
  check_orders(example);
}
#endif

#ifdef TIDEMARK_EXAMPLE_PROTOBUF_RECORDS
TEST_CASE("13 reads Protobuf messages, and sets aside what is none", "[examples]") {
  Example example{"13_protobuf_records", "protobuf_records", {"dead.jsonl"}};
  example.produce("1",
                  "\x0a\x03"
                  "ada\x10\x05");
  example.produce("2", "no order");
  example.produce("3",
                  "\x0a\x03"
                  "ben\x10\x07");
  check_orders(example);
}
#endif
