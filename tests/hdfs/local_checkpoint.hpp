#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/stores/hdfs.hpp>

#include "support/catch.hpp"
#include "support/orders.hpp"
#include "support/store_error.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::test {

/// Where a store's tests read and commit.
class GroupView {
 public:
  GroupView(HdfsOffsetStore& store, std::string group) : store_{store}, group_{std::move(group)} {}

  std::optional<std::int64_t> next(std::int32_t partition = 0, const std::string& topic = "orders") {
    const TopicPartition asked{topic, partition};
    return store_.load({.group = group_}, {&asked, 1}).at(0);
  }
  std::optional<Conflict> commit(const std::vector<OffsetRange>& ranges) {
    return store_.commit({.group = group_}, ranges);
  }
  std::optional<Conflict> commit(const OffsetRange& range) { return commit(std::vector{range}); }
  std::vector<StoredOffset> list() { return store_.list(group_); }

 private:
  HdfsOffsetStore& store_;
  std::string group_;
};

/// A checkpoint in a local folder, empty at first, and a store on it.
struct LocalCheckpoint {
  explicit LocalCheckpoint(HdfsOffsetStoreOptions given = {}) : options{std::move(given)} {
    options.directory = folder.path();
    options.group = "billing";
    options.sync = false;
  }

  void put(const std::string& name, std::string_view bytes) const {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream{folder / name} << bytes;
  }
  std::string get(const std::string& name) const {
    std::ifstream file{folder / name};
    REQUIRE(file);
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  bool has(const std::string& name) const { return std::filesystem::exists(folder / name); }
  std::vector<std::string> names(const std::string& in) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator{folder / in}) found.push_back(entry.path().filename());
    std::ranges::sort(found);
    return found;
  }
  /// As Spark does it: a batch that is planned, and one that is done.
  void plan(int batch, const std::string& offsets) const {
    put("offsets/" + std::to_string(batch),
        R"(v1
{"batchWatermarkMs":0,"batchTimestampMs":1700000000000,"conf":{"spark.sql.shuffle.partitions":"200"}}
)" + offsets);
  }
  void add(int batch, const std::string& offsets) const {
    plan(batch, offsets);
    put("commits/" + std::to_string(batch), "v1\n{\"nextBatchWatermarkMs\":0}");
  }

  TemporaryFolder folder;
  HdfsOffsetStoreOptions options;
};

/// The same with a store, opened when all is in place.
struct OpenCheckpoint {
  explicit OpenCheckpoint(const LocalCheckpoint& checkpoint) : store{checkpoint.options} {}

  HdfsOffsetStore store;
  GroupView group{store, "billing"};
};

}  // namespace tidemark::test
