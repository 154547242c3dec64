#include <tidemark/stores/file.hpp>

#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/common/call_scope.hpp"
#include "stores/file/directory.hpp"
#include "stores/file/escaping.hpp"
#include "stores/file/group_log.hpp"
#include "stores/file/recovery.hpp"
#include "stores/file/values_check.hpp"

namespace tidemark {

namespace {

using file::Directory;
using file::GroupLog;
using file::LogFile;

FileOffsetStoreOptions checked(FileOffsetStoreOptions options) {
  if (options.directory.empty()) throw ConfigError{"FileOffsetStoreOptions::directory is empty. Name a directory."};
  return options;
}

}  // namespace

/// The groups that are open, each of them once.
class FileOffsetStore::Impl {
 public:
  explicit Impl(FileOffsetStoreOptions options)
      : options_{checked(std::move(options))},
        directory_{Directory::open(options_.directory,
                                   options_.read_only ? Directory::IfMissing::refuse : Directory::IfMissing::make)} {}

  bool read_only() const { return options_.read_only; }

  GroupLog& open(std::string_view group) {
    check_process();
    if (options_.read_only) {
      throw StoreError{
          fmt::format("{} was opened with FileOffsetStoreOptions::read_only. Open it without, to change offsets.",
                      options_.directory.string()),
          StoreError::Retry::no};
    }
    const std::lock_guard lock{mutex_};
    const auto found = groups_.find(group);
    if (found != groups_.end()) return *found->second;
    auto folder = directory_.child(file::folder_name(group), Directory::IfMissing::make);
    auto log = std::make_unique<GroupLog>(std::move(*folder), group, sync(), options_.compact_after_bytes);
    return *groups_.emplace(group, std::move(log)).first->second;
  }

  /// nullptr where this store has not loaded or changed the group yet.
  GroupLog* find_open(std::string_view group) {
    check_process();
    const std::lock_guard lock{mutex_};
    const auto found = groups_.find(group);
    return found == groups_.end() ? nullptr : found->second.get();
  }

  /// As a bystander. One whose log is damaged is named, too: list() says what is wrong with it.
  std::vector<std::string> groups() {
    std::vector<std::string> names;
    for (const auto& name : directory_.folders()) {
      const auto folder = directory_.child(name, Directory::IfMissing::refuse);
      const auto bytes = folder ? LogFile::read(*folder, sync()) : std::nullopt;
      auto group = bytes ? file::group_in(name, *bytes) : std::nullopt;
      if (group && has_offsets(*group)) names.push_back(std::move(*group));
    }
    std::ranges::sort(names);
    return names;
  }

  /// As a bystander, without the lock.
  file::OffsetTable read(std::string_view group) const {
    const auto folder = directory_.child(file::folder_name(group), Directory::IfMissing::refuse);
    if (!folder) return {};
    const auto bytes = LogFile::read(*folder, sync());
    if (!bytes) return {};
    return file::recover(*bytes, group, folder->path_of(LogFile::name)).table;
  }

 private:
  bool has_offsets(const std::string& group) {
    try {
      auto* const log = find_open(group);
      return log ? !log->list().empty() : !read(group).empty();
    } catch (const StoreError& error) {
      if (error.is_retryable()) throw;
      return true;
    }
  }

  LogFile::Sync sync() const { return options_.sync ? LogFile::Sync::on : LogFile::Sync::off; }

  // Parent and child would write to one open file, each with its own idea of what it holds.
  void check_process() const {
    if (::getpid() == process_) return;
    throw StoreError{fmt::format("the FileOffsetStore on {} was made before fork(). Make it in the child process.",
                                 options_.directory.string()),
                     StoreError::Retry::no};
  }

  const FileOffsetStoreOptions options_;
  const pid_t process_ = ::getpid();
  const Directory directory_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<GroupLog>, std::less<>> groups_;
};

FileOffsetStore::FileOffsetStore(std::filesystem::path directory)
    : FileOffsetStore{FileOffsetStoreOptions{.directory = std::move(directory)}} {}

FileOffsetStore::FileOffsetStore(FileOffsetStoreOptions options) : impl_{std::make_unique<Impl>(std::move(options))} {}

FileOffsetStore::~FileOffsetStore() = default;

std::vector<std::optional<std::int64_t>> FileOffsetStore::load(const GroupSession& session,
                                                               std::span<const TopicPartition> partitions) {
  if (!impl_->read_only()) return impl_->open(session.group).load(partitions);
  return stores::next_in(impl_->read(session.group), partitions);
}

std::optional<Conflict> FileOffsetStore::commit(const GroupSession& session, std::span<const OffsetRange> ranges) {
  file::check(ranges);
  std::optional<Conflict> conflict;
  const stores::CallScope scope{session};
  impl_->open(session.group).write([&](file::Proposal& proposal) { conflict = proposal.commit(ranges); });
  return conflict;
}

std::vector<std::string> FileOffsetStore::groups() { return impl_->groups(); }

std::vector<StoredOffset> FileOffsetStore::list(std::string_view group) {
  auto* const log = impl_->find_open(group);
  return log ? log->list() : file::sorted(impl_->read(group));
}

void FileOffsetStore::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  file::check(offsets);
  impl_->open(group).write([&](file::Proposal& proposal) { proposal.overwrite(offsets); });
}

void FileOffsetStore::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  impl_->open(group).write([&](file::Proposal& proposal) { proposal.erase(partitions); });
}

}  // namespace tidemark
