#include "dead_letters/json_line.hpp"

#include <chrono>
#include <iterator>

#include <fmt/format.h>

#include "dead_letters/json_string.hpp"

namespace tidemark::json {
namespace {

void append_headers(std::string& text, const Headers& headers) {
  text += '[';
  for (bool is_first = true; const auto& header : headers) {
    text += is_first ? R"({"name":)" : R"(,{"name":)";
    is_first = false;
    append_string(text, header.name);
    text += R"(,"value":)";
    append_bytes(text, header.value);
    text += '}';
  }
  text += ']';
}

}  // namespace

void append_line(std::string& text, const DeadLetter& letter) {
  const auto& record = letter.record;
  text += R"({"topic":)";
  append_string(text, record.topic());
  fmt::format_to(std::back_inserter(text), R"(,"partition":{},"offset":{},"timestamp":)", record.partition(),
                 record.offset());
  if (const auto timestamp = record.timestamp())
    text += std::to_string(std::chrono::floor<std::chrono::milliseconds>(timestamp->time_since_epoch()).count());
  else
    text += "null";
  text += R"(,"group":)";
  append_string(text, letter.group);
  text += R"(,"reason":)";
  append_string(text, name_of(letter.reason));
  text += R"(,"why":)";
  append_string(text, letter.why);
  text += R"(,"attempts":)" + std::to_string(letter.attempts) + R"(,"key":)";
  append_bytes(text, record.key());
  text += R"(,"value":)";
  append_bytes(text, record.value());
  text += R"(,"headers":)";
  append_headers(text, record.headers());
  text += "}\n";
}

}  // namespace tidemark::json
