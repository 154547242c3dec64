#pragma once

#include <cerrno>
#include <charconv>
#include <concepts>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include <tidemark/error.hpp>

namespace tidemark::import {

[[noreturn]] inline void refuse(const std::filesystem::path& file, std::string_view why) {
  throw StoreError{fmt::format("cannot import offsets from {}: {}", file.string(), why), StoreError::Retry::no};
}

inline std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream text{file};
  if (!text) refuse(file, std::generic_category().message(errno));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  if (text.bad()) refuse(file, "it cannot be read");
  return lines;
}

/// Digits only: no sign, no space, nothing after.
template <std::integral Number>
std::optional<Number> parse(std::string_view digits) {
  Number number{};
  const auto* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc{} || stopped != end || number < 0) return std::nullopt;
  return number;
}

}  // namespace tidemark::import
