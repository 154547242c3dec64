#include "kafka/topic_pattern.hpp"

#include <regex.h>

#include <array>

#include <fmt/format.h>

#include "core/cut_text.hpp"
#include "core/topic_name.hpp"

namespace tidemark::kafka {
namespace {

/// For an error's text, which a zero byte would end.
std::string shown(std::string_view topic) {
  std::string text;
  for (const char c : topic) {
    if (static_cast<unsigned char>(c) < 0x20)
      text += fmt::format("\\x{:02x}", c);
    else
      text += c;
  }
  return core::cut_text(text);
}

}  // namespace

std::optional<std::string> fault_of_pattern(const std::string& pattern) {
  if (pattern.find('\0') != std::string::npos) return "it holds a zero byte, where C ends a text";
  regex_t compiled;
  const int code = ::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  if (code == 0) {
    ::regfree(&compiled);
    return std::nullopt;
  }
  std::array<char, 256> text{};
  ::regerror(code, &compiled, text.data(), text.size());
  return text.data();
}

std::optional<std::string> fault_of_name(const std::string& topic) {
  if (core::is_topic_name(topic)) return std::nullopt;
  return fmt::format("\"{}\" is not a valid topic name; Kafka's have 1 to {} letters, digits, \".\", \"_\" and \"-\"",
                     shown(topic), core::longest_topic);
}

std::optional<std::string> fault_of_topic(const std::string& topic) {
  if (!is_pattern(topic)) {
    const auto fault = fault_of_name(topic);
    return fault ? std::optional{*fault + "; a regular expression over topic names begins with \"^\""} : std::nullopt;
  }
  if (const auto fault = fault_of_pattern(topic))
    return fmt::format("\"{}\" is not a valid regular expression (POSIX, extended): {}; correct the pattern",
                       shown(topic), *fault);
  return std::nullopt;
}

bool matches_beginnings(std::string_view pattern) {
  return is_pattern(pattern) && !pattern.ends_with('$') && !pattern.ends_with(".*") && !pattern.ends_with(".+");
}

}  // namespace tidemark::kafka
