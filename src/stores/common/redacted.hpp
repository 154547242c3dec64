#pragma once

#include <string>
#include <string_view>

namespace tidemark::stores {

/// A text that somebody else wrote, without a secret that we sent there.
inline std::string redacted(std::string_view text, std::string_view secret) {
  std::string clean{text};
  if (secret.empty()) return clean;
  constexpr std::string_view instead = "***";
  for (auto at = clean.find(secret); at != std::string::npos; at = clean.find(secret, at + instead.size()))
    clean.replace(at, secret.size(), instead);
  return clean;
}

}  // namespace tidemark::stores
