#include <tidemark/testing/faulty_offset_store.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>

namespace tidemark::testing {

class FaultyOffsetStore::Impl {
 public:
  Impl(OffsetStore& inner, std::vector<Fault> script) : inner_{inner}, script_{std::move(script)} {}

  /// Runs `work`, which asks the inner store, with the fault that is due.
  template <class Work>
  auto call(Fault::Call kind, const Work& work) {
    const auto [number, fault] = enter(kind);
    const auto fail = [&] {
      throw StoreError{
          fmt::format("{} {} {}, as the test's script has it", kind == Fault::Call::load ? "load" : "commit", number,
                      fault->effect == Fault::Effect::fails ? "failed" : "lost its acknowledgement"),
          fault->retry};
    };
    if (fault && fault->effect == Fault::Effect::fails) fail();
    auto answer = work(inner_);
    if (fault) fail();
    return answer;
  }

  void add(const Fault& fault) {
    const std::lock_guard lock{mutex_};
    script_.push_back(fault);
  }

  void block(bool blocked) {
    const std::lock_guard lock{mutex_};
    blocked_ = blocked;
    changed_.notify_all();
  }

  bool wait_until_blocked(std::size_t commits, std::chrono::milliseconds timeout) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, timeout, [&] { return waiting_ >= commits; });
  }

  void delay(std::chrono::milliseconds by) {
    const std::lock_guard lock{mutex_};
    delay_ = by;
  }

  int calls(Fault::Call kind) const {
    const std::lock_guard lock{mutex_};
    return kind == Fault::Call::load ? loads_ : commits_;
  }

 private:
  struct Entered {
    int number;
    std::optional<Fault> fault;
  };

  /// Counts the call, holds it up as told, and looks up what is to happen to it.
  Entered enter(Fault::Call kind) {
    std::unique_lock lock{mutex_};
    const auto number = kind == Fault::Call::load ? ++loads_ : ++commits_;
    if (kind == Fault::Call::commit && blocked_) {
      ++waiting_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return !blocked_; });
      --waiting_;
    }
    Entered entered{number, due(kind, number)};
    const auto delay = delay_;
    lock.unlock();
    if (delay.count() > 0) std::this_thread::sleep_for(delay);
    return entered;
  }

  std::optional<Fault> due(Fault::Call kind, int number) const {
    for (const auto& fault : script_)
      if (fault.call == kind && number >= fault.nth && number - fault.nth < fault.times) return fault;
    return std::nullopt;
  }

  OffsetStore& inner_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Fault> script_;
  std::chrono::milliseconds delay_{0};
  bool blocked_ = false;
  std::size_t waiting_ = 0;
  int loads_ = 0;
  int commits_ = 0;
};

FaultyOffsetStore::FaultyOffsetStore(OffsetStore& inner, std::vector<Fault> script)
    : impl_{std::make_unique<Impl>(inner, std::move(script))} {}
FaultyOffsetStore::~FaultyOffsetStore() = default;

std::vector<std::optional<std::int64_t>> FaultyOffsetStore::load(const GroupSession& session,
                                                                 std::span<const TopicPartition> partitions) {
  return impl_->call(Fault::Call::load, [&](OffsetStore& inner) { return inner.load(session, partitions); });
}

std::optional<Conflict> FaultyOffsetStore::commit(const GroupSession& session, std::span<const OffsetRange> ranges) {
  return impl_->call(Fault::Call::commit, [&](OffsetStore& inner) { return inner.commit(session, ranges); });
}

void FaultyOffsetStore::add(const Fault& fault) { impl_->add(fault); }
void FaultyOffsetStore::block_commits() { impl_->block(true); }
void FaultyOffsetStore::release() { impl_->block(false); }
bool FaultyOffsetStore::wait_until_blocked(std::size_t commits, std::chrono::milliseconds timeout) {
  return impl_->wait_until_blocked(commits, timeout);
}
void FaultyOffsetStore::delay(std::chrono::milliseconds by) { impl_->delay(by); }
int FaultyOffsetStore::loads() const { return impl_->calls(Fault::Call::load); }
int FaultyOffsetStore::commits() const { return impl_->calls(Fault::Call::commit); }

}  // namespace tidemark::testing
