#include <tidemark/stores/file.hpp>

#include <memory>

#include <tidemark/testing/catch2.hpp>
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace tidemark::testing;
using tidemark::FileOffsetStore;
using tidemark::FileOffsetStoreOptions;

namespace {

StoreUnderTest in_new_folder(FileOffsetStoreOptions options) {
  return {.storage =
              [options] {
                auto folder = std::make_shared<tidemark::test::TemporaryFolder>();
                return [options, folder]() mutable {
                  options.directory = *folder / "offsets";
                  return std::make_unique<FileOffsetStore>(options);
                };
              },
          .capabilities = {.processes = Processes::one}};
}

}  // namespace

TEST_CASE("the file store keeps the contract", "[contract]") { check_conformance(in_new_folder({})); }

TEST_CASE("the file store keeps the contract while it compacts after every commit", "[contract]") {
  check_conformance(in_new_folder({.directory = {}, .compact_after_bytes = 0}));
}
