#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "stores/hdfs/http.hpp"

namespace tidemark::hdfs {

/// Handles of libcurl for one thread at a time, and the connections that they have open.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class Http::Session {
 public:
  Session(const HdfsOffsetStoreOptions& options, stores::BoundedLookup& lookup);
  ~Session();

  std::vector<HttpReply> perform(std::span<const HttpRequest> requests);

 private:
  struct Transfer;

  void prepare(Transfer& transfer, const HttpRequest& request);
  bool look_up(Transfer& transfer, const std::string& url, const stores::Deadline& deadline);
  void conclude(Transfer& transfer, CURLcode code);

  const HdfsOffsetStoreOptions& options_;
  stores::BoundedLookup& lookup_;
  std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_;
  std::vector<std::unique_ptr<Transfer>> transfers_;
};

}  // namespace tidemark::hdfs
