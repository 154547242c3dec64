#pragma once

#include <tidemark/stores/file.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::test {

inline const TopicPartition orders0{"orders", 0};
inline const GroupSession billing{"billing"};

inline void commit(FileOffsetStore& store, std::int64_t from, std::int64_t until,
                   const GroupSession& session = billing) {
  const OffsetRange range{orders0, from, until};
  const auto conflict = store.commit(session, std::span{&range, 1});  // outside: it may throw, and callers expect that
  REQUIRE_FALSE(conflict);
}

inline std::optional<std::int64_t> load(FileOffsetStore& store, const GroupSession& session = billing) {
  return store.load(session, std::span{&orders0, 1}).front();
}

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  REQUIRE(file);
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline void write(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file{path, std::ios::binary};
  file << text;
  REQUIRE(file.flush());
}

/// A folder with a log that holds orders[0] = 100, then 120.
class UsedFolder {
 public:
  UsedFolder() {
    FileOffsetStore store{path()};
    commit(store, 0, 100);
    commit(store, 100, 120);
  }

  std::filesystem::path path() const { return folder_ / "offsets"; }
  std::filesystem::path group() const { return path() / "billing"; }
  std::filesystem::path log() const { return group() / "offsets.log"; }

 private:
  TemporaryFolder folder_;
};

}  // namespace tidemark::test
