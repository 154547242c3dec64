#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace tidemark::hdfs {

/// Text as a URL carries it, with these characters left as they are, beside those that need no encoding.
inline std::string encoded(std::string_view text, std::string_view also_plain = {}) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view{"-._~"}.find(c) != std::string_view::npos ||
                          also_plain.find(c) != std::string_view::npos;
    if (is_plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

inline std::string encoded_path(std::string_view path) { return encoded(path, "/="); }

}  // namespace tidemark::hdfs
