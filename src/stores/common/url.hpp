#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

#include <tidemark/error.hpp>

#include "stores/common/host_name.hpp"

namespace tidemark::stores {

/// Refuses a store's URL: says what is wrong and which forms there are, never what was given. That may contain a password, and in a broken URL
/// nobody can tell where.
struct UrlRefusal {
  std::string_view url;    ///< "the Redis URL"
  std::string_view forms;  ///< "it must be redis://…"

  [[noreturn]] void operator()(std::string_view why) const {
    throw ConfigError{std::string{url}.append(" ").append(why).append("; ").append(forms)};
  }
};

/// What is written as %20 and the like, in plain.
inline std::string url_decoded(std::string_view text, const UrlRefusal& refuse) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned byte = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto* end = digits.data() + digits.size();
    if (digits.size() != 2 || std::from_chars(digits.data(), end, byte, 16).ptr != end)
      refuse("has a % that is not followed by two hexadecimal digits: write %25 for the sign itself");
    plain += static_cast<char>(byte);
    i += 2;
  }
  return plain;
}

/// Takes the host off the front of "host:port". What is left is empty, or begins with a colon.
inline std::string take_url_host(std::string_view& text, const UrlRefusal& refuse) {
  std::string host;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) refuse("has a [ without a ]");
    host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    if (!text.empty() && !text.starts_with(':')) refuse("has something else than a port after the ]");
  } else {
    const auto encoded = text.substr(0, text.find(':'));
    host = url_decoded(encoded, refuse);
    text.remove_prefix(encoded.size());
  }
  if (host.empty()) refuse("names no host");
  if (!is_host_name(host))
    refuse(
        "has a host with a character that no host's name has: a password stands before the host, and other options "
        "are not in the URL");
  return host;
}

}  // namespace tidemark::stores
