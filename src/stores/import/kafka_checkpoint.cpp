#include <sstream>

#include <tidemark/offset_import.hpp>

#include "stores/import/text_file.hpp"

namespace tidemark {
namespace {

StoredOffset parse_entry(const std::filesystem::path& file, const std::string& line) {
  std::istringstream words{line};
  std::string topic, partition, offset, rest;
  words >> topic >> partition >> offset;
  const auto number = import::parse<std::int32_t>(partition);
  const auto next = import::parse<std::int64_t>(offset);
  if (!number || !next || words >> rest)
    import::refuse(file, fmt::format("the line \"{}\" is not \"topic partition offset\"", line));
  return {{topic, *number}, *next};
}

}  // namespace

std::vector<StoredOffset> read_kafka_checkpoint(const std::filesystem::path& file) {
  const auto lines = import::lines_of(file);
  if (lines.empty() || lines.front() != "0") import::refuse(file, "its first line is not 0, the only known version");
  const auto count = lines.size() < 2 ? std::nullopt : import::parse<std::size_t>(lines[1]);
  if (!count) import::refuse(file, "its second line is not the number of entries");
  if (lines.size() - 2 != *count)
    import::refuse(file, fmt::format("it announces {} entries and holds {}", *count, lines.size() - 2));
  std::vector<StoredOffset> offsets;
  for (std::size_t i = 2; i < lines.size(); ++i) offsets.push_back(parse_entry(file, lines[i]));
  return offsets;
}

}  // namespace tidemark
