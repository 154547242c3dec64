#include "dead_letters/json_line.hpp"

#include <tidemark/testing/batch_builder.hpp>

#include "dead_letters/json_string.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace std::string_literals;

namespace {

std::string string_of(std::string_view text) {
  std::string json;
  json::append_string(json, text);
  return json;
}

std::string bytes_of(const Bytes& bytes) {
  std::string json;
  json::append_bytes(json, bytes);
  return json;
}

}  // namespace

TEST_CASE("text becomes a JSON string, with what JSON reserves escaped", "[unit]") {
  CHECK(string_of("") == R"("")");
  CHECK(string_of("grün €") == "\"grün €\"");
  CHECK(string_of("a\"b\\c\nd\te\0f"s) == R"("a\"b\\c\nd\u0009e\u0000f")");
}

TEST_CASE("what is not UTF-8 is told from what is", "[unit]") {
  for (const auto good : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
                          "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(string_of(good));
    CHECK(json::is_utf8(good));
  }
  // Continuations alone, overlong forms, surrogates, beyond the last character, cut off.
  for (const auto bad :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "\xc2", "\xe2\x82", "\xf0\x90\x80", "\xc2\x41"}) {
    CAPTURE(string_of(bad));
    CHECK_FALSE(json::is_utf8(bad));
  }
  CHECK(string_of("a\xff"
                  "b\xe2\x82") ==
        "\"a\xef\xbf\xbd"
        "b\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_CASE("bytes are a string, null, or base64", "[unit]") {
  CHECK(bytes_of({}) == "null");
  CHECK(bytes_of(Bytes{""}) == R"("")");
  CHECK(bytes_of(Bytes{"ada"}) == R"("ada")");
  CHECK(bytes_of(Bytes{"\xff"}) == R"({"base64":"/w=="})");
  CHECK(bytes_of(Bytes{"\xff\xfe"}) == R"({"base64":"//4="})");
  CHECK(bytes_of(Bytes{"\xff\xfe\xfd"}) == R"({"base64":"//79"})");
  CHECK(bytes_of(Bytes{"\xff\xfe\xfd\x01"}) == R"({"base64":"//79AQ=="})");
}

TEST_CASE("a dead letter is one line with all that is known of it", "[unit]") {
  testing::BatchBuilder builder;
  builder.add({.topic = "orders",
               .partition = 2,
               .offset = 7,
               .key = "ada",
               .value = "\xff",
               .headers = {{"trace", "1"}, {"empty", std::nullopt}},
               .timestamp = std::chrono::system_clock::time_point{std::chrono::milliseconds{1'356'998'400'123}}});
  builder.add({.topic = "orders"});
  const auto batch = builder.build();
  std::string lines;
  json::append_line(lines, {batch[0], "billing", DeadLetterReason::rejected, "no \"amount\"", 3});
  json::append_line(lines, {batch[1], "billing", DeadLetterReason::exhausted, "", 1});
  CHECK(lines ==
        R"({"topic":"orders","partition":2,"offset":7,"timestamp":1356998400123,"group":"billing","reason":"rejected",)"
        R"("why":"no \"amount\"","attempts":3,"key":"ada","value":{"base64":"/w=="},)"
        R"("headers":[{"name":"trace","value":"1"},{"name":"empty","value":null}]})"
        "\n"
        R"({"topic":"orders","partition":0,"offset":0,"timestamp":null,"group":"billing","reason":"exhausted",)"
        R"("why":"","attempts":1,"key":null,"value":null,"headers":[]})"
        "\n");
}
