#include "stores/hdfs/offsets_file.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "stores/common/text.hpp"
#include "stores/hdfs/failure.hpp"
#include "stores/hdfs/log_version.hpp"

namespace tidemark::hdfs {

namespace {

using nlohmann::json;

constexpr auto id_key = "tidemark.commit";

json parse_object(std::string_view line, const std::string& where) {
  auto parsed = json::parse(line, nullptr, false);
  if (!parsed.is_object())
    throw lasting(
        fmt::format("{} is no JSON object. If the file was cut short, remove it and the file of the same name beside "
                    "it in commits/ or offsets/: the batch it stands for is then read again.",
                    where));
  return parsed;
}

std::int64_t offset_in(const json& value, const std::string& where) {
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > largest)
    throw lasting(fmt::format("{} holds {}, which is no offset: those are whole numbers from 0 to {}", where,
                              value.dump(), largest));
  return value.get<std::int64_t>();
}

std::int32_t partition_in(const std::string& text, const std::string& where) {
  if (const auto partition = stores::partition_in(text)) return *partition;
  throw lasting(fmt::format("{} names a partition {}, which is no number from 0 on", where, json(text).dump()));
}

void check_metadata(const json& metadata, const std::string& where) {
  for (const auto* name : {"batchWatermarkMs", "batchTimestampMs"})
    if (metadata.contains(name) && !metadata[name].is_number_integer())
      throw lasting(fmt::format("{}: {} is no whole number", where, name));
  if (!metadata.contains("conf")) return;
  const auto is_text = [](const json& value) { return value.is_string(); };
  if (!metadata["conf"].is_object() || !std::all_of(metadata["conf"].begin(), metadata["conf"].end(), is_text))
    throw lasting(fmt::format("{}: conf is no object of strings", where));
}

}  // namespace

OffsetsFile::Source OffsetsFile::parse_source(std::string_view line, const std::string& where) {
  Source source;
  const auto object = parse_object(line, where);
  for (const auto& [topic, partitions] : object.items()) {
    if (!partitions.is_object())
      throw lasting(fmt::format(
          "{} is not of a Kafka source: those look like {{\"topic\":{{\"0\":514}}}}. Only queries whose sources are "
          "all Kafka can go on with tidemark.",
          where));
    auto& offsets = source[topic];
    for (const auto& [number, offset] : partitions.items()) {
      const auto partition = partition_in(number, where);
      offsets[partition] = offset_in(offset, fmt::format("{}: {}[{}]", where, json(topic).dump(), partition));
    }
  }
  return source;
}

OffsetsFile OffsetsFile::parse(std::string_view text, const std::string& path) {
  const auto lines = lines_of_version_1(text, path);
  if (lines.size() < 2)
    throw lasting(fmt::format(
        "{} ends before its third line, where the offsets are: it was cut short. Remove it and the file of the "
        "same name beside it in commits/: the batch it stands for is then read again.",
        path));
  OffsetsFile file;
  if (lines[0].find_first_not_of(" \t") != std::string_view::npos) {
    const auto where = path + " line 2";
    file.metadata_ = parse_object(lines[0], where);
    check_metadata(file.metadata_, where);
  }
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i] == "-")
      file.sources_.emplace_back();
    else
      file.sources_.emplace_back(parse_source(lines[i], fmt::format("{} line {}", path, i + 2)));
  }
  return file;
}

std::optional<OffsetsFile> OffsetsFile::parse_planned(std::string_view text, const std::string& path) {
  constexpr std::string_view version = "v1";
  const auto first = text.substr(0, text.find('\n'));
  if (!version.starts_with(first)) return parse(text, path);
  try {
    return parse(text, path);
  } catch (const StoreError&) {
    return std::nullopt;
  }
}

OffsetTable OffsetsFile::table(const std::string& path) const {
  OffsetTable table;
  for (const auto& source : sources_) {
    if (!source) continue;
    for (const auto& [topic, partitions] : *source)
      for (const auto& [partition, next] : partitions) {
        const auto [at, is_new] = table.try_emplace({topic, partition}, next);
        if (!is_new && at->second != next)
          throw lasting(fmt::format(
              "{} has {}[{}] at {} for one source of the query and at {} for another. Let Spark bring both to the "
              "same place, or let only one of them read that topic.",
              path, topic, partition, at->second, next));
      }
  }
  return table;
}

OffsetsFile::Source& OffsetsFile::home_of(const TopicPartition& partition) {
  for (auto& source : sources_)
    if (source && source->contains(partition.topic)) return *source;
  if (sources_.empty()) sources_.emplace_back();
  if (!sources_.back()) sources_.back().emplace();
  return *sources_.back();
}

void OffsetsFile::apply(const Edits& edits) {
  for (const auto& [partition, next] : edits) {
    bool is_there = false;
    for (auto& source : sources_) {
      if (!source) continue;
      const auto topic = source->find(partition.topic);
      if (topic == source->end() || !topic->second.contains(partition.partition)) continue;
      is_there = true;
      if (next)
        topic->second[partition.partition] = *next;
      else if (topic->second.erase(partition.partition) > 0 && topic->second.empty())
        source->erase(topic);
    }
    if (!is_there && next) home_of(partition)[partition.topic][partition.partition] = *next;
  }
}

void OffsetsFile::clear_offsets() {
  for (auto& source : sources_) source.reset();
}

void OffsetsFile::read_initial(std::size_t source, std::string_view text, const std::string& path) {
  // Spark puts a NUL before it: what its version 2.1.0 would have read as a length.
  if (text.starts_with('\0')) text.remove_prefix(1);
  const auto lines = lines_of_version_1(text, path);
  if (lines.empty())
    throw lasting(fmt::format("{} ends before its second line, where the offsets are: it was cut short", path));
  sources_.at(source) = parse_source(lines[0], path + " line 2");
}

std::string OffsetsFile::commit_id() const {
  const auto conf = metadata_.find("conf");
  if (conf == metadata_.end()) return {};
  return conf->value(id_key, std::string{});
}

void OffsetsFile::stamp(const std::string& commit_id, std::int64_t now_ms) {
  if (!metadata_.contains("batchWatermarkMs")) metadata_["batchWatermarkMs"] = 0;
  metadata_["batchTimestampMs"] = now_ms;
  metadata_["conf"][id_key] = commit_id;
}

void OffsetsFile::raise_watermark(std::int64_t watermark_ms) {
  metadata_["batchWatermarkMs"] = std::max(metadata_.value("batchWatermarkMs", std::int64_t{0}), watermark_ms);
}

std::string OffsetsFile::text() const {
  std::string text = "v1\n" + metadata_.dump();
  for (const auto& source : sources_) {
    text += '\n';
    if (!source) {
      text += '-';
      continue;
    }
    json object = json::object();
    for (const auto& [topic, partitions] : *source) {
      auto& offsets = object[topic] = json::object();
      for (const auto& [partition, next] : partitions) offsets[std::to_string(partition)] = next;
    }
    text += object.dump();
  }
  if (sources_.empty()) text += "\n{}";
  return text;
}

}  // namespace tidemark::hdfs
