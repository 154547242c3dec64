#include <memory>

#include <tidemark/testing/catch2.hpp>

#include "04_own_store/text_file_store.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace tidemark::testing;

OpenStore clean_storage() {
  auto folder = std::make_shared<tidemark::test::TemporaryFolder>();
  return [folder] { return std::make_unique<TextFileStore>(*folder / "offsets.txt"); };
}

}  // namespace

TEST_CASE("the store of 04 keeps the contract", "[examples]") {
  check_conformance({.storage = clean_storage, .capabilities = {.processes = Processes::one}});
}
