#pragma once

#include <cstddef>
#include <vector>

#include "core/invariant.hpp"

namespace tidemark::core {

/// Finds the records that fail alone in a batch that has failed, by halving it. Parts come from the front to the back, so that each can be
/// committed as soon as it is done. The caller keeps the parts, on a stack as here; this says what to do with the topmost.
///
/// Where the first half of a failed part goes through, the second must be to blame: it is halved without being tried as a whole. So,
/// with k such records among n, the handler is called at most 2·k·log2 n times after the failure that began it.
class Isolation {
 public:
  enum class Step {
    divide,  ///< Put the first half on top of the stack.
    call,    ///< Hand it to the handler.
  };

  /// `attempts`: how often the whole was handled before.
  explicit Isolation(int attempts) { parts_.push_back({.attempts = attempts, .fails = true}); }

  bool is_done() const { return parts_.empty(); }

  /// `records`: how many there are in the topmost part.
  Step step(std::size_t records) const {
    TIDEMARK_EXPECTS(!is_done());
    return parts_.back().fails && records > 1 ? Step::divide : Step::call;
  }

  void divided() {
    TIDEMARK_EXPECTS(!is_done() && parts_.back().fails);
    const auto attempts = parts_.back().attempts;
    parts_.back() = {.attempts = attempts};
    parts_.push_back({.attempts = attempts, .is_first_half = true});
  }

  /// Which attempt a call with the topmost part is, for its records.
  int attempt() const {
    TIDEMARK_EXPECTS(!is_done());
    return parts_.back().attempts + 1;
  }

  /// The topmost part is done with.
  void succeeded() {
    TIDEMARK_EXPECTS(!is_done());
    const bool was_first_half = parts_.back().is_first_half;
    parts_.pop_back();
    TIDEMARK_INVARIANT(19, !was_first_half || !is_done());
    if (was_first_half) parts_.back().fails = true;
  }

  /// Returns whether it failed alone, which makes it one of those looked for: then it is done with.
  bool failed(std::size_t records) {
    TIDEMARK_EXPECTS(!is_done() && records > 0);
    ++parts_.back().attempts;
    parts_.back().fails = true;
    if (records > 1) return false;
    parts_.pop_back();
    return true;
  }

 private:
  struct Part {
    int attempts = 0;
    bool fails = false;
    bool is_first_half = false;
  };

  std::vector<Part> parts_;
};

}  // namespace tidemark::core
