#include "core/invariant.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace tidemark::core {
namespace {

std::atomic<AssertionListener> on_broken = nullptr;

}  // namespace

void set_assertion_listener(AssertionListener listener) { on_broken = listener; }

void fail_assertion(const BrokenAssertion& broken) {
  if (const auto listener = on_broken.load()) listener(broken);
  if (broken.number > 0)
    std::fprintf(stderr, "tidemark: %s %d is broken: %s, at %s:%d\n", broken.kind, broken.number, broken.condition,
                 broken.file, broken.line);
  else
    std::fprintf(stderr, "tidemark: a %s is broken: %s, at %s:%d\n", broken.kind, broken.condition, broken.file,
                 broken.line);
  std::abort();
}

}  // namespace tidemark::core
