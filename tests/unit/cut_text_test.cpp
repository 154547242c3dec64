#include "core/cut_text.hpp"

#include <string>

#include "dead_letters/json_string.hpp"
#include "support/catch.hpp"

using namespace tidemark;

TEST_CASE("a text of the size that people write stays as it is", "[unit]") {
  CHECK(core::cut_text("").empty());
  CHECK(core::cut_text("no amount") == "no amount");
  const std::string longest(core::most_outside_text, 'x');
  CHECK(core::cut_text(longest) == longest);
}

TEST_CASE("a longer text is cut, and says so", "[unit]") {
  const auto text = core::cut_text(std::string(1'200'000, 'x'));
  CHECK(text.size() == core::most_outside_text);
  CHECK(text.ends_with("x… (cut, of 1200000 bytes)"));
}

TEST_CASE("no character is cut apart", "[unit]") {
  const auto* character = GENERATE("é", "€", "𝄞");
  const std::string_view one{character};
  for (std::size_t shift = 0; shift < one.size(); ++shift) {
    std::string text(shift, 'x');
    while (text.size() < 2 * core::most_outside_text) text += one;
    const auto cut = core::cut_text(text);
    CHECK(json::is_utf8(cut));
    CHECK(cut.size() <= core::most_outside_text);
    CHECK(cut.size() > core::most_outside_text - one.size());
  }
}

TEST_CASE("bytes that are no text are cut all the same", "[unit]") {
  const auto text = core::cut_text(std::string(10'000, '\x80'));
  CHECK(text.size() <= core::most_outside_text);
  CHECK(text.size() >= core::most_outside_text - 3);
}
