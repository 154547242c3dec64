#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::hdfs {

/// The number that a file of the log is named after; nullopt where Spark would not take it for one.
inline std::optional<std::int64_t> batch_of(std::string_view name) {
  std::int64_t batch = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), batch);
  if (error != std::errc{} || end != name.data() + name.size() || batch < 0) return std::nullopt;
  return batch;
}

/// What a file is called until it is moved to its batch's name: hidden, and nothing that Spark counts or cleans up.
inline std::string waiting_name(std::int64_t batch, std::string_view commit_id) {
  return "." + std::to_string(batch) + "." + std::string{commit_id} + ".tidemark";
}

/// The batch that a file of such a name was meant for; nullopt where it is none.
inline std::optional<std::int64_t> waiting_for(std::string_view name) {
  if (!name.starts_with('.') || !name.ends_with(".tidemark")) return std::nullopt;
  name.remove_prefix(1);
  return batch_of(name.substr(0, name.find('.')));
}

}  // namespace tidemark::hdfs
