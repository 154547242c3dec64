#pragma once

#include <vector>

#include "contract/broken_commits.hpp"
#include "contract/broken_names.hpp"
#include "contract/broken_reads.hpp"
#include "contract/broken_storages.hpp"

namespace tidemark::testing {

inline std::vector<BrokenStore> broken_stores() {
  std::vector<BrokenStore> all;
  for (const auto& some : {broken_reads(), broken_commits(), broken_names(), broken_storages()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace tidemark::testing
