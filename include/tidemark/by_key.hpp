#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <tidemark/batch.hpp>
#include <tidemark/detail/fork_join.hpp>
#include <tidemark/detail/typed_handler.hpp>

namespace tidemark {

/// What by_key() makes.
template <class Handler>
class ByKey {
 public:
  ByKey(std::size_t threads, Handler handler)
      : threads_{std::make_shared<detail::ForkJoin>(threads)}, handler_{std::move(handler)} {}

  template <class T>
    requires PlainHandler<Handler, T>
  void operator()(const Batch<T>& batch) {
    const auto parts = split(batch);
    threads_->run(parts.size(), [&](std::size_t i) { handler_(Batch<T>{batch, parts[i]}); });
  }

 private:
  /// Those that would be empty are left out.
  template <class T>
  std::vector<std::vector<std::uint32_t>> split(const Batch<T>& batch) const {
    std::vector<std::vector<std::uint32_t>> parts(threads_->threads());
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      const auto key = batch[i].key();
      const auto place = key.is_null() ? i : std::hash<std::string_view>{}(key.text());
      parts[place % parts.size()].push_back(i);
    }
    std::erase_if(parts, [](const auto& part) { return part.empty(); });
    return parts;
  }

  std::shared_ptr<detail::ForkJoin> threads_;
  Handler handler_;
};

/// A handler that divides each batch by the records' keys and calls `handler` with the parts at once, on so many threads of its own:
///
///     MicroBatchConsumer<> consumer{options, store, by_key(4, [](const Batch<>& part) { … })};
///
/// Records of one key are in one part, in their order; those without a key are spread. The batch counts as handled when all calls have
/// returned. If some throw, the others still come to their end, then the first of the exceptions counts as the handler's. A part is a
/// batch like any other: it may reject records, and sees the stop_token; its ranges() are those of the whole batch.
///
/// Thread safety: `handler` is called from several threads at once. With `concurrency` > 1 the workers share the threads.
/// Errors:        ConfigError where `threads` is 0.
template <class Handler>
ByKey<Handler> by_key(std::size_t threads, Handler handler) {
  return {threads, std::move(handler)};
}

}  // namespace tidemark
