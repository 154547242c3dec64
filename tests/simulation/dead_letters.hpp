#pragma once

#include <tidemark/dead_letter.hpp>

#include "store.hpp"

namespace simulation {

/// A sink as its contract allows: it fails when the store does, before or after it has kept the letters.
class DeadLetters final : public tidemark::DeadLetterSink {
 public:
  explicit DeadLetters(Store& store) : store_{store} {}

  void write(std::span<const tidemark::DeadLetter> letters) override { store_.keep(letters); }

 private:
  Store& store_;
};

}  // namespace simulation
