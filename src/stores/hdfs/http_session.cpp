#include "stores/hdfs/http_session.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "stores/common/text.hpp"
#include "stores/hdfs/failure.hpp"
#include "stores/hdfs/sigpipe_guard.hpp"

namespace tidemark::hdfs {

namespace {

// Far more than any reply that is one.
constexpr std::size_t largest_body = 256u << 20;

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* body) noexcept {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > largest_body) return 0;
  try {
    text.append(bytes, size * count);
  } catch (...) {
    return 0;
  }
  return size * count;
}

// libcurl takes a reply whose head was cut off for a whole one, without a body.
std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* is_whole) noexcept {
  *static_cast<bool*>(is_whole) = std::string_view{bytes, size * count} == "\r\n";
  return size * count;
}

/// As libcurl takes it: 0 would be none. A little longer, since libcurl may count a millisecond less, and it's the caller's own end then that
/// the error tells of.
long limit(std::chrono::milliseconds length) {
  constexpr long tolerance_ms = 2;
  return static_cast<long>(stores::Deadline{length}.left().count()) + tolerance_ms;
}

curl_slist* usual_headers() {
  // No "Expect: 100-continue", which costs a round trip.
  auto* first = curl_slist_append(nullptr, "Expect:");
  auto* both = curl_slist_append(first, "Content-Type: application/octet-stream");
  return both != nullptr ? both : first;
}

}  // namespace

struct Http::Session::Transfer {
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy{curl_easy_init(), curl_easy_cleanup};
  std::array<char, CURL_ERROR_SIZE> error{};
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> addresses{nullptr, curl_slist_free_all};
  bool has_whole_head = false;
  HttpReply reply{};
};

Http::Session::Session(const HdfsOffsetStoreOptions& options, stores::BoundedLookup& lookup)
    : options_{options},
      lookup_{lookup},
      multi_{curl_multi_init(), curl_multi_cleanup},
      headers_{usual_headers(), curl_slist_free_all} {
  if (!multi_ || !headers_) throw std::bad_alloc{};
}

Http::Session::~Session() {
  const SigpipeGuard guard;  // TLS says good-bye
  transfers_.clear();
  multi_.reset();
}

void Http::Session::prepare(Transfer& transfer, const HttpRequest& request) {
  CURL* const easy = transfer.easy.get();
  transfer.reply = {};
  transfer.error.front() = '\0';
  transfer.has_whole_head = false;
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method);
  if (std::string_view{request.method} != "GET") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer.reply.body);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer.has_whole_head);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);

  // Signals are the program's.
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, limit(options_.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit(options_.request_timeout));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // as Hadoop's own clients
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, options_.tls.enabled ? "https" : "http");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, static_cast<long>(options_.tls.enabled ? CURLPROTO_HTTPS : CURLPROTO_HTTP));
#endif
  const auto set_file = [&](CURLoption option, const std::string& file) {
    if (!file.empty()) curl_easy_setopt(easy, option, file.c_str());
  };
  set_file(CURLOPT_CAINFO, options_.tls.ca_file);
  set_file(CURLOPT_SSLCERT, options_.tls.certificate_file);
  set_file(CURLOPT_SSLKEY, options_.tls.key_file);
  if (options_.kerberos) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_NEGOTIATE));
    curl_easy_setopt(easy, CURLOPT_USERPWD, ":");
    curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");  // the name node's, so that the ticket is shown once
  }
}

std::vector<HttpReply> Http::Session::perform(std::span<const HttpRequest> requests) {
  const SigpipeGuard guard;
  stores::CallScope::check();
  while (transfers_.size() < requests.size()) {
    transfers_.push_back(std::make_unique<Transfer>());
    if (!transfers_.back()->easy) throw std::bad_alloc{};
  }
  const stores::Deadline lookup_deadline{std::min(options_.connect_timeout, options_.request_timeout)};
  std::vector<HttpReply> replies;
  int running = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    prepare(*transfers_[i], requests[i]);
    if (!look_up(*transfers_[i], requests[i].url, lookup_deadline)) continue;
    curl_multi_add_handle(multi_.get(), transfers_[i]->easy.get());
    ++running;
  }
  while (running > 0) {
    auto code = curl_multi_perform(multi_.get(), &running);
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi_.get(), &left)) {
      char* of = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &of);
      conclude(*reinterpret_cast<Transfer*>(of), message->data.result);
    }
    // The time-outs of the transfers end this, too.
    if (code == CURLM_OK && running > 0)
      code = curl_multi_poll(multi_.get(), nullptr, 0,
                             static_cast<int>(stores::Deadline{std::chrono::seconds{1}}.until_next_look().count()),
                             nullptr);
    if (running > 0 && stores::CallScope::is_stopped()) break;
    if (code != CURLM_OK) {
      for (std::size_t i = 0; i < requests.size(); ++i)
        if (transfers_[i]->reply.status == 0) transfers_[i]->reply.trouble = curl_multi_strerror(code);
      break;
    }
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    curl_multi_remove_handle(multi_.get(), transfers_[i]->easy.get());
    replies.push_back(std::move(transfers_[i]->reply));
  }
  if (std::ranges::find(replies, 0, &HttpReply::status) != replies.end()) stores::CallScope::check();
  return replies;
}

/// Gives libcurl the addresses of the URL's host. It could look them up by itself, but waits for its resolver beyond every time-out when
/// the transfer ends.
bool Http::Session::look_up(Transfer& transfer, const std::string& url, const stores::Deadline& deadline) {
  transfer.addresses.reset();
  const auto part = [](CURLU* parsed, CURLUPart what) {
    char* text = nullptr;
    const auto code = curl_url_get(parsed, what, &text, CURLU_DEFAULT_PORT);
    std::string copy{code == CURLUE_OK ? text : ""};
    curl_free(text);
    return copy;
  };
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed{curl_url(), curl_url_cleanup};
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    return true;  // libcurl says why
  const auto host = part(parsed.get(), CURLUPART_HOST);
  if (host.empty() || host.front() == '[' || stores::BoundedLookup::is_numeric(host)) return true;
  try {
    std::string entry = fmt::format("{}:{}:", host, part(parsed.get(), CURLUPART_PORT));
    for (const auto& address : lookup_.addresses(host, deadline))
      entry += (entry.back() == ':' ? "" : ",") + stores::bracketed(address);
    transfer.addresses.reset(curl_slist_append(nullptr, entry.c_str()));
    curl_easy_setopt(transfer.easy.get(), CURLOPT_RESOLVE, transfer.addresses.get());
    return true;
  } catch (const stores::LookupTimeout& error) {
    transfer.reply.trouble =
        fmt::format("{} (HdfsOffsetStoreOptions::connect_timeout is {} ms, request_timeout {} ms)", error.what(),
                    options_.connect_timeout.count(), options_.request_timeout.count());
  } catch (const std::exception& error) {
    transfer.reply.trouble = error.what();
  }
  return false;
}

void Http::Session::conclude(Transfer& transfer, CURLcode code) {
  if (code != CURLE_OK) {
    transfer.reply.trouble = transfer.error.front() != '\0' ? transfer.error.data() : curl_easy_strerror(code);
    if (code == CURLE_OPERATION_TIMEDOUT)
      transfer.reply.trouble +=
          fmt::format(" (HdfsOffsetStoreOptions::connect_timeout is {} ms, request_timeout {} ms)",
                      options_.connect_timeout.count(), options_.request_timeout.count());
    return;
  }
  if (!transfer.has_whole_head) {
    transfer.reply.trouble = "the reply was cut off";
    return;
  }
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &transfer.reply.status);
  char* redirect = nullptr;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) transfer.reply.redirect = redirect;
}

}  // namespace tidemark::hdfs
