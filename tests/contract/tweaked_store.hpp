#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <tidemark/testing/conformance.hpp>
#include <tidemark/testing/memory_offset_store.hpp>

namespace tidemark::testing {

using Loaded = std::vector<std::optional<std::int64_t>>;
using Committed = std::optional<Conflict>;

/// What a broken store does otherwise than the sound one beneath it.
struct Tweaks {
  std::function<Loaded(MemoryOffsetStore&, const GroupSession&, std::span<const TopicPartition>)> load{};
  std::function<Committed(MemoryOffsetStore&, const GroupSession&, std::span<const OffsetRange>)> commit{};
  std::function<std::vector<std::string>(MemoryOffsetStore&)> groups{};
  std::function<std::vector<StoredOffset>(MemoryOffsetStore&, std::string_view)> list{};
  std::function<void(MemoryOffsetStore&, std::string_view, std::span<const StoredOffset>)> overwrite{};
  std::function<void(MemoryOffsetStore&, std::string_view, std::span<const TopicPartition>)> erase{};
};

/// A store over offsets that outlive it, with tweaks.
class TweakedStore final : public OffsetStore, public OffsetCatalog {
 public:
  TweakedStore(std::shared_ptr<MemoryOffsetStore> inner, Tweaks tweaks)
      : inner_{std::move(inner)}, tweaks_{std::move(tweaks)} {}

  Loaded load(const GroupSession& session, std::span<const TopicPartition> partitions) override {
    return tweaks_.load ? tweaks_.load(*inner_, session, partitions) : inner_->load(session, partitions);
  }
  Committed commit(const GroupSession& session, std::span<const OffsetRange> ranges) override {
    return tweaks_.commit ? tweaks_.commit(*inner_, session, ranges) : inner_->commit(session, ranges);
  }
  std::vector<std::string> groups() override { return tweaks_.groups ? tweaks_.groups(*inner_) : inner_->groups(); }
  std::vector<StoredOffset> list(std::string_view group) override {
    return tweaks_.list ? tweaks_.list(*inner_, group) : inner_->list(group);
  }
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets) override {
    return tweaks_.overwrite ? tweaks_.overwrite(*inner_, group, offsets) : inner_->overwrite(group, offsets);
  }
  void erase(std::string_view group, std::span<const TopicPartition> partitions) override {
    return tweaks_.erase ? tweaks_.erase(*inner_, group, partitions) : inner_->erase(group, partitions);
  }

 private:
  std::shared_ptr<MemoryOffsetStore> inner_;
  Tweaks tweaks_;
};

/// `keeps` = false opens on clean storage each time, as a store would that loses everything.
inline StoreUnderTest tweaked(const Tweaks& tweaks, StoreCapabilities capabilities = {.processes = Processes::none},
                              bool keeps = true) {
  return {.storage =
              [tweaks, keeps] {
                auto offsets = std::make_shared<MemoryOffsetStore>();
                return [tweaks, keeps, offsets] {
                  return std::make_unique<TweakedStore>(keeps ? offsets : std::make_shared<MemoryOffsetStore>(),
                                                        tweaks);
                };
              },
          .capabilities = capabilities};
}

}  // namespace tidemark::testing
