#pragma once

#include <string>

#include "churn/group.hpp"
#include "support/catch.hpp"

namespace tidemark::test {

inline void check_churn(int changes, const std::string& strategy) {
  ChurnedGroup group{strategy};
  const auto verdict = group.run(changes);
  WARN(strategy << ": " << verdict);
  CHECK(verdict.idle == 0);  // or it proves nothing
  CHECK(verdict.wrong.empty());
  CHECK(verdict.lost == 0);
  CHECK(verdict.disorder == 0);
  CHECK(verdict.torn == 0);
  CHECK(verdict.inexact == 0);
  CHECK(verdict.slow == 0);
  CHECK(verdict.replayed <= verdict.replays_allowed);
}

}  // namespace tidemark::test
