#include <tidemark/stores/hdfs.hpp>

#include <chrono>

#include <tidemark/testing/catch2.hpp>

#include "support/catch.hpp"
#include "support/hdfs_server.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("the HDFS store keeps the whole contract on HDFS", "[extended]") {
  tidemark::testing::check_conformance({.storage =
                                            [] {
                                              const auto url =
                                                  HdfsServer::shared().url("/" + unique_name("checkpoints"));
                                              return [url] { return std::make_unique<HdfsOffsetStore>(url); };
                                            },
                                        .capabilities = {.refuses_odd_names = true},
                                        .check_limit = std::chrono::minutes{20}});
}
