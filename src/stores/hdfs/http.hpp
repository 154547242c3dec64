#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <tidemark/stores/hdfs/options.hpp>

#include "stores/common/bounded_lookup.hpp"

namespace tidemark::hdfs {

struct HttpRequest {
  const char* method = "GET";
  std::string url;
  std::string_view body{};
};

struct HttpReply {
  long status = 0;  ///< 0: there was none.
  std::string body{};
  std::string redirect{};  ///< Where the answer is, if elsewhere.
  std::string trouble{};   ///< Why there was none.
};

/// HTTP by libcurl: several requests at once, connections kept for the next ones, redirections left to the caller.
///
/// Thread safety: shared objects safe; each call has handles of its own meanwhile.
/// Blocking:      each request for `request_timeout` at most, the look-up of names included.
/// Errors:        StoreError once the caller waits no longer (CallScope).
class Http {
 public:
  /// Errors: ConfigError where libcurl can't do what the options ask for.
  explicit Http(const HdfsOffsetStoreOptions& options);
  ~Http();

  std::vector<HttpReply> perform(std::span<const HttpRequest> requests);

 private:
  class Session;

  const HdfsOffsetStoreOptions options_;
  stores::BoundedLookup lookup_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace tidemark::hdfs
