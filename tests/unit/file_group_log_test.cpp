#include "stores/file/group_log.hpp"

#include "support/catch.hpp"
#include "support/store_error.hpp"
#include "support/temporary_folder.hpp"

using namespace tidemark;
using namespace tidemark::file;
using namespace tidemark::test;

namespace {

const TopicPartition orders0{"orders", 0};

GroupLog open(const TemporaryFolder& folder) {
  return GroupLog{Directory::open(folder.path(), Directory::IfMissing::refuse), "billing", LogFile::Sync::on, 1u << 20};
}

}  // namespace

TEST_CASE("a reader neither waits for a commit under way nor sees it", "[unit]") {
  const TemporaryFolder folder;
  auto log = open(folder);
  log.write([&](Proposal& proposal) {
    proposal.overwrite(std::vector<StoredOffset>{{orders0, 5}});
    CHECK(log.load(std::span{&orders0, 1}).front() == std::nullopt);
    CHECK(log.list().empty());
  });
  CHECK(log.load(std::span{&orders0, 1}).front() == 5);
}

TEST_CASE("a change that fails leaves the log as it was and in use", "[unit]") {
  const TemporaryFolder folder;
  auto log = open(folder);
  log.write([](Proposal& proposal) { proposal.overwrite(std::vector<StoredOffset>{{orders0, 5}}); });
  const auto error = store_error_of([&] {
    log.write([](Proposal& proposal) {
      proposal.overwrite(std::vector<StoredOffset>{{orders0, 6}});
      throw std::bad_alloc{};
    });
  });
  CHECK(says(error, folder.path().string(), "bad_alloc"));
  CHECK(log.load(std::span{&orders0, 1}).front() == 5);
  log.write([](Proposal& proposal) { proposal.overwrite(std::vector<StoredOffset>{{orders0, 7}}); });
  CHECK(log.load(std::span{&orders0, 1}).front() == 7);
}
