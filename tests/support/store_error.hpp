#pragma once

#include <optional>
#include <string_view>

#include <tidemark/error.hpp>

namespace tidemark::test {

/// The StoreError that `action` throws; nullopt where it throws none.
template <class Action>
std::optional<StoreError> store_error_of(Action&& action) {
  try {
    action();
  } catch (const StoreError& error) {
    return error;
  }
  return std::nullopt;
}

/// Whether there is an error and its text says all of `words`.
template <class... Words>
bool says(const std::optional<StoreError>& error, const Words&... words) {
  return error && (... && (std::string_view{error->what()}.find(words) != std::string_view::npos));
}

}  // namespace tidemark::test
