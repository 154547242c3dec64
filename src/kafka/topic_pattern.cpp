#include "kafka/topic_pattern.hpp"

#include <regex.h>

#include <array>

namespace tidemark::kafka {

std::optional<std::string> fault_of_pattern(const std::string& pattern) {
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

bool matches_beginnings(std::string_view pattern) {
  return is_pattern(pattern) && !pattern.ends_with('$') && !pattern.ends_with(".*") && !pattern.ends_with(".+");
}

}  // namespace tidemark::kafka
