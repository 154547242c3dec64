#pragma once

/// Assertions. `TIDEMARK_INVARIANT(number, condition)` is for the invariants of src/README.md, by their numbers; `TIDEMARK_EXPECTS` and
/// `TIDEMARK_ENSURES` are for what a function demands and promises. They are on in developers' Debug builds, under sanitizers and in the
/// simulation. Elsewhere the condition is compiled, so that it stays correct, and never evaluated.
///
/// Not for include/: whether they are on must never change what a user's program is compiled to.

namespace tidemark::core {

/// An assertion that does not hold.
struct BrokenAssertion {
  const char* kind = "";  ///< "invariant", "precondition" or "postcondition".
  int number = 0;         ///< The invariant's number in src/README.md; 0 for the other kinds.
  const char* condition = "";
  const char* file = "";
  int line = 0;
};

using AssertionListener = void (*)(const BrokenAssertion&);

/// `listener` is called for a broken assertion before the program aborts. The simulation turns the break into an anomaly, and never returns.
void set_assertion_listener(AssertionListener listener);

/// Says on stderr what is broken and where, and aborts.
[[noreturn]] void fail_assertion(const BrokenAssertion& broken);

}  // namespace tidemark::core

#ifdef TIDEMARK_ASSERTIONS
#define TIDEMARK_ASSERT_(kind, number, ...) \
  ((__VA_ARGS__) ? void(0) : ::tidemark::core::fail_assertion({kind, number, #__VA_ARGS__, __FILE__, __LINE__}))
#else
#define TIDEMARK_ASSERT_(kind, number, ...) static_cast<void>(sizeof((__VA_ARGS__) ? (number) : 0))
#endif

#define TIDEMARK_INVARIANT(number, ...) TIDEMARK_ASSERT_("invariant", number, __VA_ARGS__)
#define TIDEMARK_EXPECTS(...) TIDEMARK_ASSERT_("precondition", 0, __VA_ARGS__)
#define TIDEMARK_ENSURES(...) TIDEMARK_ASSERT_("postcondition", 0, __VA_ARGS__)
