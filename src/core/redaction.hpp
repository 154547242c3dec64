#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::core {

/// Whether a property's value must never be shown.
bool is_secret(std::string_view property);

/// Takes the secrets of a configuration out of texts that others wrote.
class Redaction {
 public:
  Redaction() = default;
  explicit Redaction(const std::map<std::string, std::string>& properties);

  std::string operator()(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;
};

}  // namespace tidemark::core
