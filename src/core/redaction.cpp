#include "core/redaction.hpp"

#include <algorithm>
#include <array>

namespace tidemark::core {

bool is_secret(std::string_view property) {
  static constexpr std::array<std::string_view, 7> marks{"password", "secret", "ssl.key",           "jaas",
                                                         "token",    "pem",    "oauthbearer.config"};
  return std::ranges::any_of(marks, [&](auto mark) { return property.find(mark) != std::string_view::npos; });
}

Redaction::Redaction(const std::map<std::string, std::string>& properties) {
  for (const auto& [name, value] : properties) {
    if (!is_secret(name)) continue;
    // librdkafka takes blanks in front of a value off, and quotes what is left.
    const auto begin = std::min(value.find_first_not_of(" \t\n\v\f\r"), value.size());
    if (begin > 0) secrets_.push_back(value);
    if (begin < value.size()) secrets_.push_back(value.substr(begin));
  }
  // The longest first, lest a secret that begins with another one leaves its tail behind.
  std::ranges::sort(secrets_, std::ranges::greater{}, &std::string::size);
}

std::string Redaction::operator()(std::string_view text) const {
  std::string clean{text};
  for (const auto& secret : secrets_)
    for (auto at = clean.find(secret); at != std::string::npos; at = clean.find(secret, at + 3))
      clean.replace(at, secret.size(), "***");
  return clean;
}

}  // namespace tidemark::core
