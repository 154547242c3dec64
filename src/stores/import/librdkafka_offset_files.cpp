#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tidemark/offset_import.hpp>

#include "stores/import/text_file.hpp"

namespace tidemark {
namespace {

constexpr std::array<std::pair<char, std::string_view>, 3> escapes{{{'/', "%2F"}, {':', "%3A"}, {'\\', "%5C"}}};

std::string escape(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    const auto* const found = std::ranges::find(escapes, c, &std::pair<char, std::string_view>::first);
    if (found == escapes.end())
      escaped += c;
    else
      escaped += found->second;
  }
  return escaped;
}

/// From "topic-7": nothing where that is not its form.
std::optional<TopicPartition> parse_name(std::string_view name) {
  const auto dash = name.rfind('-');
  if (dash == 0 || dash == std::string_view::npos) return std::nullopt;
  const auto partition = import::parse<std::int32_t>(name.substr(dash + 1));
  if (!partition) return std::nullopt;
  return TopicPartition{std::string{name.substr(0, dash)}, *partition};  // topics hold none of what is escaped
}

/// "orders-0-7" may be partition 7 of "orders-0", or partition 0 of "orders" and a group whose name begins with 7.
bool is_ambiguous(const TopicPartition& partition) { return parse_name(partition.topic).has_value(); }

std::int64_t read_offset(const std::filesystem::path& file) {
  const auto lines = import::lines_of(file);
  const auto next = lines.size() == 1 ? import::parse<std::int64_t>(lines.front()) : std::nullopt;
  if (!next) import::refuse(file, "it does not hold one offset, from 0 to 2^63-1, on one line");
  return *next;
}

}  // namespace

std::vector<StoredOffset> read_librdkafka_offset_files(const std::filesystem::path& directory, std::string_view group) {
  const auto ending = (group.empty() ? "" : "-" + escape(group)) + ".offset";
  std::error_code error;
  std::vector<StoredOffset> offsets;
  for (auto entry = std::filesystem::directory_iterator{directory, error}; !error && entry != end(entry);
       entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (!name.ends_with(ending)) continue;
    const auto partition = parse_name(std::string_view{name}.substr(0, name.size() - ending.size()));
    if (!partition) continue;
    if (is_ambiguous(*partition)) {
      const auto [other_topic, other_partition] = *parse_name(partition->topic);
      import::refuse(
          entry->path(),
          fmt::format("it may be of {} [{}], or of {} [{}] and a group whose name begins with \"{}\". Move it "
                      "to another directory; if it is the former, set that offset with overwrite()",
                      partition->topic, partition->partition, other_topic, other_partition, partition->partition));
    }
    offsets.push_back({*partition, read_offset(entry->path())});
  }
  if (error) import::refuse(directory, error.message());
  std::ranges::sort(offsets, {}, &StoredOffset::partition);
  return offsets;
}

}  // namespace tidemark
