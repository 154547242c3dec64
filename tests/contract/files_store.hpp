#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_store.hpp>

namespace tidemark::testing {

/// One file a partition, as people write it, and a lock for all processes. Wrong from the start: a commit of several partitions is several
/// renames. For one topic, whose name must be fit for a file.
class FilesStore : public OffsetStore, public OffsetCatalog {
 public:
  enum class Mistake { none_more, load_takes_no_lock, catalog_takes_no_lock, writes_at_the_next_commit };

  FilesStore(std::filesystem::path folder, Mistake mistake) : folder_{std::move(folder)}, mistake_{mistake} {
    lock_ = ::open((folder_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  }
  ~FilesStore() override { ::close(lock_); }
  FilesStore(const FilesStore&) = delete;
  FilesStore& operator=(const FilesStore&) = delete;

  std::vector<std::optional<std::int64_t>> load(const GroupSession&,
                                                std::span<const TopicPartition> partitions) override {
    const Locked locked{*this, mistake_ != Mistake::load_takes_no_lock};
    std::vector<std::optional<std::int64_t>> offsets;
    for (const auto& partition : partitions) offsets.push_back(get(partition));
    return offsets;
  }
  std::optional<Conflict> commit(const GroupSession&, std::span<const OffsetRange> ranges) override {
    const Locked locked{*this, true};
    for (const auto& range : ranges)
      if (const auto next = get(range.partition); next && *next != range.from && *next != range.until)
        return Conflict{range.partition, next};
    for (const auto& [partition, next] : std::exchange(waiting_, {})) put(partition, next);
    for (const auto& range : ranges) {
      if (mistake_ == Mistake::writes_at_the_next_commit)
        waiting_[range.partition] = range.until;
      else
        put(range.partition, range.until);
    }
    return std::nullopt;
  }
  std::vector<std::string> groups() override { return {}; }
  std::vector<StoredOffset> list(std::string_view) override { return {}; }
  void overwrite(std::string_view, std::span<const StoredOffset> offsets) override {
    const Locked locked{*this, mistake_ != Mistake::catalog_takes_no_lock};
    for (const auto& offset : offsets) put(offset.partition, offset.next);
  }
  void erase(std::string_view, std::span<const TopicPartition> partitions) override {
    const Locked locked{*this, mistake_ != Mistake::catalog_takes_no_lock};
    for (const auto& partition : partitions) std::filesystem::remove(path(partition));
  }

 private:
  class Locked {
   public:
    Locked(FilesStore& store, bool is_on) : store_{store}, is_on_{is_on} {
      if (!is_on_) return;
      store_.mutex_.lock();
      ::flock(store_.lock_, LOCK_EX);
    }
    ~Locked() {
      if (!is_on_) return;
      ::flock(store_.lock_, LOCK_UN);
      store_.mutex_.unlock();
    }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

   private:
    FilesStore& store_;
    bool is_on_;
  };

  std::filesystem::path path(const TopicPartition& partition) const {
    return folder_ / (partition.topic + "." + std::to_string(partition.partition));
  }
  std::optional<std::int64_t> get(const TopicPartition& partition) const {
    if (const auto found = waiting_.find(partition); found != waiting_.end()) return found->second;
    std::ifstream file{path(partition)};
    std::int64_t next = 0;
    if (file >> next) return next;
    return std::nullopt;
  }
  void put(const TopicPartition& partition, std::int64_t next) const {
    const auto name = path(partition);
    const auto made = name.string() + ".new" + std::to_string(::gettid());
    const auto text = std::to_string(next);
    const int file = ::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool is_written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const bool is_synced = is_written && ::fsync(file) == 0;
    ::close(file);
    if (!is_synced) throw StoreError{"cannot write " + made, StoreError::Retry::yes};
    std::filesystem::rename(made, name);
  }

  std::filesystem::path folder_;
  Mistake mistake_;
  int lock_ = -1;
  std::mutex mutex_;
  std::map<TopicPartition, std::int64_t> waiting_;
};

/// Transactions in two steps: the offsets, then the results.
class TwoStepStore final : public FilesStore {
 public:
  class Transaction {
   public:
    Transaction(TwoStepStore& store, std::span<const OffsetRange> ranges)
        : store_{store}, ranges_{ranges.begin(), ranges.end()} {}

    void write(const std::string& key, const std::string& value) { results_[key] = value; }
    std::optional<Conflict> commit() {
      if (const auto conflict = store_.FilesStore::commit({}, ranges_)) return conflict;
      for (const auto& [key, value] : results_) std::ofstream{store_.results_ / key} << value << std::flush;
      return std::nullopt;
    }

   private:
    TwoStepStore& store_;
    std::vector<OffsetRange> ranges_;
    std::map<std::string, std::string> results_;
  };

  explicit TwoStepStore(const std::filesystem::path& folder)
      : FilesStore{folder, Mistake::none_more}, results_{folder / "results"} {
    std::filesystem::create_directories(results_);
  }
  Transaction begin(const GroupSession&, std::span<const OffsetRange> ranges) { return {*this, ranges}; }

 private:
  std::filesystem::path results_;
};

}  // namespace tidemark::testing
