#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <tidemark/export.hpp>

namespace tidemark::detail {

/// Threads that do the parts of something at once. They are started by the first run().
///
/// Thread safety: shared objects safe; those who run() at once share the threads.
class TIDEMARK_EXPORT ForkJoin {
 public:
  explicit ForkJoin(std::size_t threads);
  ~ForkJoin();
  ForkJoin(const ForkJoin&) = delete;
  ForkJoin& operator=(const ForkJoin&) = delete;

  std::size_t threads() const;

  /// Returns when part(0), part(1), … have all returned; then throws what the first of those threw that did.
  void run(std::size_t parts, const std::function<void(std::size_t)>& part);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::detail
