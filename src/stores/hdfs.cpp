#include <tidemark/stores/hdfs.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "stores/common/call_scope.hpp"
#include "stores/hdfs/failure.hpp"
#include "stores/hdfs/group_folder.hpp"
#include "stores/hdfs/group_log.hpp"
#include "stores/hdfs/local_files.hpp"
#include "stores/hdfs/options_check.hpp"
#include "stores/hdfs/values_check.hpp"
#include "stores/hdfs/web_hdfs.hpp"

namespace tidemark {

namespace {

using hdfs::Files;
using hdfs::GroupLog;
using hdfs::Proposal;

std::unique_ptr<Files> files_of(const HdfsOffsetStoreOptions& options) {
  if (options.name_nodes.empty()) return std::make_unique<hdfs::LocalFiles>(options.directory, options.sync);
  return std::make_unique<hdfs::WebHdfs>(options);
}

}  // namespace

/// The groups that were asked for.
class HdfsOffsetStore::Impl {
 public:
  explicit Impl(HdfsOffsetStoreOptions options)
      : options_{hdfs::checked(std::move(options))}, files_{files_of(options_)} {}

  GroupLog& log(std::string_view group) {
    if (!options_.group.empty() && group != options_.group)
      throw hdfs::lasting("the checkpoint in " + options_.directory +
                          " belongs to another group (HdfsOffsetStoreOptions::group). Leave that "
                          "option empty to give each group a folder of its own.");
    const std::lock_guard lock{mutex_};
    const auto found = logs_.find(group);
    if (found != logs_.end()) return *found->second;
    auto log = std::make_unique<GroupLog>(*files_, folder(group),
                                          GroupLog::Limits{options_.keep_batches, options_.contention_timeout});
    return *logs_.emplace(group, std::move(log)).first->second;
  }

  /// One whose log can't be read is named, too: list() says what is wrong with it. A group whose name is too long for its folder's is not.
  std::vector<std::string> groups() {
    std::vector<std::string> names;
    if (!options_.group.empty()) {
      if (has_offsets(options_.group)) names.push_back(options_.group);
      return names;
    }
    for (const auto& entry : files_->list(options_.directory).value_or(std::vector<hdfs::Listed>{})) {
      if (!entry.is_folder || !files_->exists(options_.directory + "/" + entry.name + "/offsets")) continue;
      auto group = hdfs::group_of_folder(entry.name);
      if (group && has_offsets(*group)) names.push_back(std::move(*group));
    }
    std::ranges::sort(names);
    return names;
  }

 private:
  bool has_offsets(std::string_view group) {
    try {
      return !log(group).look().empty();
    } catch (const StoreError& error) {
      if (error.is_retryable()) throw;
      return true;
    }
  }

  std::string folder(std::string_view group) const {
    return options_.group.empty() ? options_.directory + "/" + hdfs::group_folder(group) : options_.directory;
  }

  const HdfsOffsetStoreOptions options_;
  const std::unique_ptr<Files> files_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<GroupLog>, std::less<>> logs_;
};

HdfsOffsetStore::HdfsOffsetStore(HdfsOffsetStoreOptions options) : impl_{std::make_unique<Impl>(std::move(options))} {}

HdfsOffsetStore::HdfsOffsetStore(std::string_view url) : HdfsOffsetStore{hdfs_options(url)} {}

HdfsOffsetStore::~HdfsOffsetStore() = default;

std::vector<std::optional<std::int64_t>> HdfsOffsetStore::load(const GroupSession& session,
                                                               std::span<const TopicPartition> partitions) {
  hdfs::check(partitions);
  const stores::CallScope scope{session};
  return stores::next_in(impl_->log(session.group).load(), partitions);
}

std::optional<Conflict> HdfsOffsetStore::commit(const GroupSession& session, std::span<const OffsetRange> ranges) {
  hdfs::check(ranges);
  std::optional<Conflict> conflict;
  if (ranges.empty()) return conflict;
  const stores::CallScope scope{session};
  impl_->log(session.group).change([&](Proposal& proposal) { return !(conflict = proposal.commit(ranges)); });
  return conflict;
}

std::vector<std::string> HdfsOffsetStore::groups() { return impl_->groups(); }

std::vector<StoredOffset> HdfsOffsetStore::list(std::string_view group) {
  std::vector<StoredOffset> offsets;
  for (const auto& [partition, next] : impl_->log(group).look()) offsets.push_back({partition, next});
  return offsets;
}

void HdfsOffsetStore::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  hdfs::check(offsets);
  impl_->log(group).change([&](Proposal& proposal) {
    proposal.overwrite(offsets);
    return true;
  });
}

void HdfsOffsetStore::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  hdfs::check(partitions);
  impl_->log(group).change([&](Proposal& proposal) {
    proposal.erase(partitions);
    return true;
  });
}

}  // namespace tidemark
