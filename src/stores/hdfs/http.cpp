#include "stores/hdfs/http.hpp"

#include <curl/curl.h>

#include <utility>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/hdfs/http_session.hpp"

namespace tidemark::hdfs {

namespace {

// Once in the process, and for good: others may use libcurl by now, so nothing here ends it again.
void initialise_libcurl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw ConfigError{fmt::format("libcurl does not start: {}", curl_easy_strerror(code))};
}

void check_abilities(const HdfsOffsetStoreOptions& options) {
  const auto& libcurl = *curl_version_info(CURLVERSION_NOW);
  if (options.kerberos && (libcurl.features & CURL_VERSION_SPNEGO) == 0)
    throw ConfigError{fmt::format(
        "HdfsOffsetStoreOptions::kerberos is set, but libcurl {} was built without GSS-API. Install one that "
        "has it, or give a delegation_token.",
        libcurl.version)};
  if (options.tls.enabled && (libcurl.features & CURL_VERSION_SSL) == 0)
    throw ConfigError{
        fmt::format("HdfsOffsetStoreOptions::tls is enabled, but libcurl {} was built without TLS", libcurl.version)};
}

}  // namespace

Http::Http(const HdfsOffsetStoreOptions& options) : options_{options} {
  initialise_libcurl();
  check_abilities(options);
}

Http::~Http() = default;

std::vector<HttpReply> Http::perform(std::span<const HttpRequest> requests) {
  std::unique_ptr<Session> session;
  {
    const std::lock_guard lock{mutex_};
    if (!idle_.empty()) {
      session = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!session) session = std::make_unique<Session>(options_, lookup_);
  auto replies = session->perform(requests);
  const std::lock_guard lock{mutex_};
  idle_.push_back(std::move(session));
  return replies;
}

}  // namespace tidemark::hdfs
