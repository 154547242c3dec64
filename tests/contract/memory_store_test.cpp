#include <tidemark/testing/catch2.hpp>
#include <tidemark/testing/memory_offset_store.hpp>

using namespace tidemark::testing;

TEST_CASE("the memory store keeps the contract", "[contract]") {
  check_conformance({.storage = [] { return [] { return std::make_unique<MemoryOffsetStore>(); }; },
                     .capabilities = {.survives_reopening = false, .processes = Processes::none}});
}
