#include <tidemark/stores/hdfs.hpp>

#include <curl/curl.h>

#include <memory>

#include <fmt/format.h>

#include "stores/contestant.hpp"
#include "support/hdfs_server.hpp"

namespace tidemark::bench {

namespace {

/// WebHDFS by one easy handle of libcurl: what Spark does for a batch, one call after the other. Each file is created under another name and
/// renamed, which is what keeps readers from half a file; the batch that is one too many is deleted.
class RawWebHdfs {
 public:
  RawWebHdfs(std::uint16_t port, int partitions)
      : base_{fmt::format("http://127.0.0.1:{}/webhdfs/v1", port)}, partitions_{partitions} {}

  void commit(std::int64_t batch) {
    std::string offsets = "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1700000000000,\"conf\":{}}\n{\"records\":{";
    for (int p = 0; p < partitions_; ++p) offsets += fmt::format("{}\"{}\":{}", p ? "," : "", p, first_of(batch + 1));
    create("offsets", batch, offsets + "}}");
    create("commits", batch, "v1\n{\"nextBatchWatermarkMs\":0}");
    for (const auto* folder : {"offsets", "commits"})
      must(call("PUT", fmt::format("/bare/{0}/.{1}.tmp?op=RENAME&renameoptions=NONE&destination=/bare/{0}/{1}", folder,
                                   batch)),
           200);
    if (batch < kept) return;
    for (const auto* folder : {"offsets", "commits"})
      must(call("DELETE", fmt::format("/bare/{}/{}?op=DELETE", folder, batch - kept)), 200);
  }

 private:
  static constexpr std::int64_t kept = 100;

  void create(const char* folder, std::int64_t batch, const std::string& bytes) {
    must(call("PUT", fmt::format("/bare/{}/.{}.tmp?op=CREATE&overwrite=true", folder, batch)), 307);
    char* redirect = nullptr;
    curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &redirect);
    must(perform("PUT", redirect, bytes), 201);
  }
  long call(const char* method, const std::string& target) {
    return perform(method, (base_ + target + "&user.name=root").c_str(), {});
  }
  long perform(const char* method, const char* url, const std::string& body) {
    const std::string target = url;
    auto* easy = easy_.get();
    curl_easy_setopt(easy, CURLOPT_URL, target.c_str());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body.c_str());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(
        easy, CURLOPT_WRITEFUNCTION, +[](char*, std::size_t size, std::size_t count, void*) { return size * count; });
    if (const auto code = curl_easy_perform(easy); code != CURLE_OK) throw std::runtime_error{curl_easy_strerror(code)};
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }
  static void must(long status, long expected) {
    if (status != expected) throw std::runtime_error{"WebHDFS answers " + std::to_string(status)};
  }

  std::string base_;
  int partitions_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_{curl_easy_init(), curl_easy_cleanup};
};

}  // namespace

Contestant hdfs_contestant(int partitions) {
  const auto server = std::make_shared<test::HdfsServer>();
  const auto store = std::make_shared<HdfsOffsetStore>(server->url("/store"));
  const auto bare = std::make_shared<RawWebHdfs>(server->port(), partitions);
  return {.bare = "WebHDFS CREATE and RENAME of both files, DELETE of the oldest",
          .commit =
              [=](std::int64_t batch) {
                must_commit(*store, batch, partitions);
                (void)server;
              },
          .commit_bare = [=](std::int64_t batch) { bare->commit(batch); }};
}

}  // namespace tidemark::bench
