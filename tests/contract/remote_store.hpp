#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include <tidemark/error.hpp>
#include <tidemark/testing/conformance.hpp>
#include <tidemark/testing/memory_offset_store.hpp>

namespace tidemark::testing {

/// A server that keeps offsets, and the network before it, in this process. It can be broken as StoreFaults asks for.
class FakeServer {
 public:
  enum class Trouble { none, cut, refused, lost_reply, silent };

  explicit FakeServer(bool forgets_at_restart) : forgets_at_restart_{forgets_at_restart} {}

  /// Carries the request out, unless it says why not. `patience` is how long the client waits for an answer.
  Trouble ask(const std::function<void(MemoryOffsetStore&)>& request, bool changes,
              std::chrono::milliseconds patience) {
    std::function<void()> meanwhile;
    {
      std::unique_lock lock{mutex_};
      if (!thawed_.wait_for(lock, patience, [&] { return !frozen_; })) return Trouble::silent;
      if (std::exchange(cut_, false)) return Trouble::cut;
      if (changes && refuses_) return Trouble::refused;
      if (changes) meanwhile = std::exchange(meanwhile_, {});
    }
    if (changes && forgets_at_restart_) before_.overwrite("billing", offsets_.list("billing"));
    request(offsets_);
    if (!meanwhile) return Trouble::none;
    meanwhile();
    return Trouble::lost_reply;
  }

  StoreFaults faults(std::chrono::milliseconds longest_call) {
    return {.disconnect = [this] { set([this] { cut_ = true; }); },
            .refuse = [this](bool on) { set([&] { refuses_ = on; }); },
            .lose_reply = [this](std::function<void()> meanwhile) { set([&] { meanwhile_ = std::move(meanwhile); }); },
            .freeze = [this](bool on) { set([&] { frozen_ = on; }); },
            .restart =
                [this] {
                  set([this] { cut_ = true; });
                  if (forgets_at_restart_) offsets_.overwrite("billing", before_.list("billing"));
                },
            .longest_call = longest_call};
  }

 private:
  void set(const std::function<void()>& change) {
    {
      const std::lock_guard lock{mutex_};
      change();
    }
    thawed_.notify_all();
  }

  const bool forgets_at_restart_;
  MemoryOffsetStore offsets_;
  MemoryOffsetStore before_;  // the last change
  std::mutex mutex_;
  std::condition_variable thawed_;
  bool cut_ = false;
  bool refuses_ = false;
  bool frozen_ = false;
  std::function<void()> meanwhile_;
};

/// A client of that server, sound unless told otherwise.
class RemoteStore final : public OffsetStore {
 public:
  enum class Mistake { none, swallows_refusals, swallows_all_errors, sets_again, wrong_retry, waits_for_ever };

  static constexpr std::chrono::milliseconds timeout{200};

  RemoteStore(std::shared_ptr<FakeServer> server, Mistake mistake) : server_{std::move(server)}, mistake_{mistake} {}

  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override {
    std::vector<std::optional<std::int64_t>> offsets;
    check(ask([&](auto& stored) { offsets = stored.load(session, partitions); }, false));
    return offsets;
  }
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override {
    std::optional<Conflict> conflict;
    const auto trouble = ask([&](auto& stored) { conflict = stored.commit(session, ranges); }, true);
    if (trouble == FakeServer::Trouble::lost_reply && mistake_ == Mistake::sets_again) {
      std::vector<StoredOffset> offsets;
      for (const auto& range : ranges) offsets.push_back({range.partition, range.until});
      check(ask([&](auto& stored) { stored.overwrite(session.group, offsets); }, true));
      return std::nullopt;
    }
    if (mistake_ == Mistake::swallows_all_errors) return std::nullopt;
    if (mistake_ == Mistake::swallows_refusals && trouble == FakeServer::Trouble::refused) return std::nullopt;
    check(trouble);
    return conflict;
  }

 private:
  FakeServer::Trouble ask(const std::function<void(MemoryOffsetStore&)>& request, bool changes) {
    constexpr std::chrono::hours for_ever{1'000};
    return server_->ask(request, changes,
                        mistake_ == Mistake::waits_for_ever ? std::chrono::milliseconds{for_ever} : timeout);
  }
  void check(FakeServer::Trouble trouble) const {
    using enum FakeServer::Trouble;
    const auto passes = mistake_ == Mistake::wrong_retry ? StoreError::Retry::no : StoreError::Retry::yes;
    if (trouble == cut || trouble == lost_reply) throw StoreError{"the connection was lost", passes};
    if (trouble == silent) throw StoreError{"the server did not answer in time", passes};
    if (trouble == refused) throw StoreError{"the server's disk is full", StoreError::Retry::yes};
  }

  std::shared_ptr<FakeServer> server_;
  Mistake mistake_;
};

inline StoreUnderTest remote(RemoteStore::Mistake mistake, bool forgets_at_restart = false) {
  // The server of the storage that was made last, which the hooks are about.
  auto last = std::make_shared<std::shared_ptr<FakeServer>>();
  StoreFaults faults;
  faults.disconnect = [last] { (*last)->faults({}).disconnect(); };
  faults.refuse = [last](bool on) { (*last)->faults({}).refuse(on); };
  faults.lose_reply = [last](std::function<void()> meanwhile) { (*last)->faults({}).lose_reply(std::move(meanwhile)); };
  faults.freeze = [last](bool on) { (*last)->faults({}).freeze(on); };
  faults.restart = [last] { (*last)->faults({}).restart(); };
  faults.longest_call = 2 * RemoteStore::timeout;
  return {.storage =
              [mistake, last, forgets_at_restart] {
                auto server = std::make_shared<FakeServer>(forgets_at_restart);
                *last = server;
                return [mistake, server] { return std::make_unique<RemoteStore>(server, mistake); };
              },
          .capabilities = {.processes = Processes::none},
          .faults = faults};
}

}  // namespace tidemark::testing
