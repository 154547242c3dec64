#pragma once

#include <functional>

#include <tidemark/offset_store.hpp>
#include <tidemark/testing/memory_offset_store.hpp>

namespace tidemark::test {

/// A store that answers what a test says, and otherwise as the one behind it does.
class ScriptedStore final : public OffsetStore {
 public:
  using Stored = std::vector<std::optional<std::int64_t>>;

  explicit ScriptedStore(OffsetStore& inner) : inner_{inner} {}

  std::function<void(Stored&)> on_load = [](Stored&) {};
  /// Before the commit; what it returns, if anything, is returned in its place.
  std::function<std::optional<Conflict>(std::span<const OffsetRange>)> on_commit =
      [](std::span<const OffsetRange>) -> std::optional<Conflict> { return std::nullopt; };

  Stored load(const GroupSession& session, std::span<const TopicPartition> partitions) override {
    auto stored = inner_.load(session, partitions);
    on_load(stored);
    return stored;
  }

  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override {
    if (const auto conflict = on_commit(ranges)) return conflict;
    return inner_.commit(session, ranges);
  }

 private:
  OffsetStore& inner_;
};

}  // namespace tidemark::test
