#include <tidemark/stores/hdfs.hpp>

#include <chrono>

#include <tidemark/testing/catch2.hpp>

#include "support/catch.hpp"
#include "support/hdfs_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::test;
using tidemark::testing::check_conformance;

static_assert(std::derived_from<HdfsOffsetStore, OffsetCatalog>);

TEST_CASE("the HDFS store keeps the contract on HDFS", "[hdfs]") {
  const std::string elsewhere = "takes minutes on HDFS: runs in the extended tests (hdfs_extended.conformance)";
  check_conformance({.storage =
                         [] {
                           const auto url = HdfsServer::shared().url("/" + unique_name("checkpoints"));
                           return [url] { return std::make_unique<HdfsOffsetStore>(url); };
                         },
                     .capabilities = {.refuses_odd_names = true},
                     .skip = {{"of concurrent committers exactly one moves each range", elsewhere},
                              {"of two processes exactly one moves each range", elsewhere},
                              {"threads with partitions of their own do not disturb each other", elsewhere},
                              {"the last of 2,000 commits is there after reopening", elsewhere},
                              {"odd group names are told apart", elsewhere},
                              {"odd names that look alike when joined are told apart", elsewhere}},
                     .check_limit = std::chrono::minutes{5}});
}

TEST_CASE("the HDFS store keeps the contract on a local directory", "[hdfs]") {
  check_conformance({.storage =
                         [] {
                           auto folder = std::make_shared<TemporaryFolder>();
                           return [folder] {
                             return std::make_unique<HdfsOffsetStore>("file://" + (*folder / "checkpoints").string());
                           };
                         },
                     .capabilities = {.refuses_odd_names = true}});
}

TEST_CASE("the HDFS store keeps the contract while it keeps no more than two batches", "[hdfs]") {
  check_conformance({.storage =
                         [] {
                           auto folder = std::make_shared<TemporaryFolder>();
                           return [folder] {
                             return std::make_unique<HdfsOffsetStore>(HdfsOffsetStoreOptions{
                                 .directory = *folder / "checkpoints", .keep_batches = 2, .sync = false});
                           };
                         },
                     .capabilities = {.refuses_odd_names = true}});
}
