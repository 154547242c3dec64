#pragma once

#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <tidemark/testing/transactional_conformance.hpp>

#include "contract/broken_store.hpp"
#include "contract/files_store.hpp"
#include "contract/remote_store.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::testing {

namespace broken {

inline StoreUnderTest files(FilesStore::Mistake mistake) {
  return {.storage = [mistake] {
    auto folder = std::make_shared<test::TemporaryFolder>();
    return [mistake, folder] { return std::make_unique<FilesStore>(folder->path(), mistake); };
  }};
}

/// Locks its partitions one by one, in the order given.
class LocksInOrder final : public OffsetStore {
 public:
  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override {
    return inner_.load(session, partitions);
  }
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override {
    std::vector<std::unique_lock<std::mutex>> held;
    for (const auto& range : ranges) {
      held.emplace_back(lock_of(range.partition));
      std::this_thread::yield();
    }
    return inner_.commit(session, ranges);
  }

 private:
  std::mutex& lock_of(const TopicPartition& partition) {
    const std::lock_guard lock{mutex_};
    return locks_[partition];
  }

  MemoryOffsetStore inner_;
  std::mutex mutex_;
  std::map<TopicPartition, std::mutex> locks_;
};

}  // namespace broken

/// Stores as people write them, each with one fault that has cost somebody data or a night, and the check that names it.
inline std::vector<BrokenStore> wrong_stores() {
  using namespace broken;
  using Files = FilesStore::Mistake;
  using Remote = RemoteStore::Mistake;
  const auto frozen = [] {
    auto store = remote(Remote::waits_for_ever);
    store.check_limit = std::chrono::seconds{3};
    return store;
  };
  return {
      {"writes partitions one by one, without a journal",
       "a process that is killed inside a commit leaves all of it, or nothing", files(Files::none_more)},
      {"acknowledges a commit before it is written", "what a killed process committed is there for the next",
       files(Files::writes_at_the_next_commit)},
      {"load takes no lock", "a load sees a commit to several partitions whole, or not at all",
       files(Files::load_takes_no_lock)},
      {"overwrite takes no lock", "what was overwritten is not undone by a commit that compared before",
       files(Files::catalog_takes_no_lock)},
      {"erase takes no lock", "erase of several partitions is seen whole, or not at all",
       files(Files::catalog_takes_no_lock)},
      {"compares, and sets later", "of concurrent committers exactly one moves each range",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         std::vector<StoredOffset> ends;
         for (const auto& [partition, from, until] : ranges) {
           const auto next = stored(inner, session, partition);
           if (next && *next != from && *next != until) return Conflict{partition, next};
           ends.push_back({partition, until});
         }
         std::this_thread::yield();
         inner.overwrite(session.group, ends);
         return std::nullopt;
       }})},
      {"moves offsets forward, whoever asks", "a range that begins above the stored offset is a conflict",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         for (const auto& [partition, from, until] : ranges)
           if (const auto next = stored(inner, session, partition); next && until < *next)
             return Conflict{partition, next};
         std::vector<StoredOffset> ends;
         for (const auto& range : ranges) ends.push_back({range.partition, range.until});
         inner.overwrite(session.group, ends);
         return std::nullopt;
       }})},
      {"locks its partitions in the order given",
       "of concurrent committers exactly one moves each range",
       {.storage = [] { return [] { return std::make_unique<LocksInOrder>(); }; },
        .capabilities = {.survives_reopening = false, .processes = Processes::none},
        .check_limit = std::chrono::seconds{5}}},
      {"takes a refused write for a success", "a change that the server refuses is an error",
       remote(Remote::swallows_refusals)},
      {"takes every error for a success", "a cut connection is a retryable error, or none",
       remote(Remote::swallows_all_errors)},
      {"sets again after a lost reply", "a commit whose reply was lost is not set again without comparing",
       remote(Remote::sets_again)},
      {"calls a lost connection an error for good", "a cut connection is a retryable error, or none",
       remote(Remote::wrong_retry)},
      {"calls a negative offset an error that passes", "a negative offset is refused for good",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         try {
           return inner.commit(session, ranges);
         } catch (const StoreError& error) {
           throw StoreError{error.what(), StoreError::Retry::yes};
         }
       }})},
      {"waits for ever for a server that answers nothing",
       "calls to a server that answers nothing end in time, with a retryable error", frozen()},
      {"acknowledges what its server has not on disk", "what was acknowledged is there after the server was restarted",
       remote(Remote::none, true)},
  };
}

/// The same for transactions: the offsets are stored first, and then the results.
inline TransactionalStoreUnderTest<TwoStepStore> two_steps() {
  return {.storage = [] {
    auto folder = std::make_shared<test::TemporaryFolder>();
    return TransactionalStorage<TwoStepStore>{
        .open = [folder] { return std::make_unique<TwoStepStore>(folder->path()); },
        .write = [](auto& transaction, const auto& key, const auto& value) { transaction.write(key, value); },
        .read = [folder](const std::string& key) -> std::optional<std::string> {
          std::ifstream file{folder->path() / "results" / key};
          std::string value;
          if (file >> value) return value;
          return std::nullopt;
        }};
  }};
}

}  // namespace tidemark::testing
