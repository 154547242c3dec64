#include "stores/hdfs/web_hdfs.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "stores/common/text.hpp"
#include "stores/hdfs/failure.hpp"
#include "stores/hdfs/remote_exception.hpp"
#include "stores/hdfs/url_encoding.hpp"

namespace tidemark::hdfs {

namespace {

std::string text_of(const HdfsAddress& node) { return stores::host_and_port(node.host, node.port); }

/// The host and port in a URL.
std::string authority_of(std::string_view url) {
  url.remove_prefix(std::min(url.size(), url.find("://") + 3));
  return std::string{url.substr(0, url.find('/'))};
}

std::string unreachable(const HttpReply& reply, const std::string& authority, const std::string& path) {
  return fmt::format(
      "cannot reach the data node {} for {}: {}. The name node gave that name: it must be known and open to this "
      "machine, "
      "too (dfs.datanode.hostname, dfs.datanode.http.address).",
      authority, path, reply.trouble);
}

}  // namespace

WebHdfs::WebHdfs(const HdfsOffsetStoreOptions& options) : options_{options}, http_{options} {}

std::string WebHdfs::action(const char* operation, const std::string& path) const {
  return fmt::format("{} of {} on {} failed", operation, path, text_of(options_.name_nodes[active_]));
}

std::string WebHdfs::url(const HdfsAddress& node, const Call& call) const {
  auto url = fmt::format("{}://{}/webhdfs/v1{}?op={}{}", options_.tls.enabled ? "https" : "http", text_of(node),
                         encoded_path(call.path), call.operation, call.parameters);
  if (!options_.delegation_token.empty())
    url += "&delegation=" + encoded(options_.delegation_token);
  else if (!options_.user.empty())
    url += "&user.name=" + encoded(options_.user);
  return url;
}

HttpReply WebHdfs::ask(const Call& call, Repeat repeat) { return std::move(ask(std::span{&call, 1}, repeat).front()); }

std::vector<HttpReply> WebHdfs::ask(std::span<const Call> calls, Repeat repeat) {
  std::string trouble;
  const auto first = active_.load();
  for (std::size_t i = 0; i < options_.name_nodes.size(); ++i) {
    const auto index = (first + i) % options_.name_nodes.size();
    const auto& node = options_.name_nodes[index];
    std::vector<HttpRequest> requests;
    for (const auto& call : calls) requests.push_back({call.method, url(node, call)});
    auto replies = http_.perform(requests);
    const auto bad = std::ranges::find_if(replies, [](const HttpReply& reply) {
      return reply.status == 0 || (reply.status == 403 && RemoteException::in(reply).is_standby());
    });
    if (bad == replies.end()) {
      active_ = index;
      return replies;
    }
    trouble += fmt::format("{}{}: {}", trouble.empty() ? "" : "; ", text_of(node),
                           bad->status == 0 ? bad->trouble : "it is the standby");
    if (bad->status == 0 && repeat == Repeat::no) break;
  }
  throw passing(fmt::format("no active name node answers {} of {} (HdfsOffsetStoreOptions::name_nodes): {}",
                            calls.front().operation, calls.front().path, trouble));
}

void WebHdfs::check_redirect(const HttpReply& reply, const std::string& path) const {
  const std::string_view scheme = options_.tls.enabled ? "https://" : "http://";
  if (!reply.redirect.starts_with(scheme))
    throw lasting(
        fmt::format("the name node sends us to {} for {}, which is not {}: dfs.http.policy must be HTTP_AND_HTTPS, or "
                    "as the URL is",
                    authority_of(reply.redirect), path, scheme));
}

std::optional<std::vector<Listed>> WebHdfs::list(const std::string& folder) {
  const auto reply = ask({"GET", "LISTSTATUS", folder});
  if (reply.status == 404 && RemoteException::in(reply).is_not_found()) return std::nullopt;
  if (reply.status != 200) throw refusal(action("LISTSTATUS", folder), reply);
  try {
    std::vector<Listed> names;
    const auto listing = nlohmann::json::parse(reply.body);
    for (const auto& status : listing.at("FileStatuses").at("FileStatus")) {
      // Gateways such as HttpFS may leave the file's number out.
      names.push_back(
          {status.at("pathSuffix").get<std::string>(),
           fmt::format("{}:{}:{}", status.value("fileId", std::int64_t{0}),
                       status.value("modificationTime", std::int64_t{0}), status.value("length", std::int64_t{0})),
           status.value("type", "") == "DIRECTORY"});
      if (names.back().name.empty())
        throw lasting(folder + " is a file, not a folder. Is HdfsOffsetStoreOptions::directory right?");
    }
    return names;
  } catch (const nlohmann::json::exception& error) {
    throw passing(fmt::format("{}: the reply can't be read: {}", action("LISTSTATUS", folder), error.what()));
  }
}

std::optional<std::string> WebHdfs::read(const std::string& path) {
  HttpReply reply;
  for (std::string avoid; reply.status == 0;) {
    reply = ask({"GET", "OPEN", path, avoid});
    if (reply.redirect.empty()) break;
    check_redirect(reply, path);
    const auto authority = authority_of(reply.redirect);
    const HttpRequest request{"GET", reply.redirect};
    reply = std::move(http_.perform({&request, 1}).front());
    if (reply.status != 0) break;
    if (!avoid.empty()) throw passing(unreachable(reply, authority, path));
    avoid = "&excludedatanodes=" + encoded(authority);
  }
  if ((reply.status == 404 || reply.status == 403) && RemoteException::in(reply).is_not_found()) return std::nullopt;
  if (reply.status != 200) throw refusal(action("OPEN", path), reply);
  return std::move(reply.body);
}

bool WebHdfs::exists(const std::string& path) {
  const auto reply = ask({"GET", "GETFILESTATUS", path});
  if (reply.status == 404 && RemoteException::in(reply).is_not_found()) return false;
  if (reply.status != 200) throw refusal(action("GETFILESTATUS", path), reply);
  return true;
}

// One after the other: two files that are closed at the same time make each other wait for the name node to hear of their blocks.
void WebHdfs::write(std::span<const NewFile> files) {
  for (const auto& file : files) {
    // The name is a new one: overwrite lets a repeated request pass.
    const auto reply = ask({"PUT", "CREATE", file.path, "&overwrite=true"});
    if (reply.redirect.empty()) throw refusal(action("CREATE", file.path), reply);
    check_redirect(reply, file.path);
    const HttpRequest request{"PUT", reply.redirect, file.bytes};
    const auto written = std::move(http_.perform({&request, 1}).front());
    if (written.status == 0) throw passing(unreachable(written, authority_of(reply.redirect), file.path));
    if (written.status != 201) throw refusal(action("CREATE", file.path), written);
  }
}

Moved WebHdfs::move(const std::string& from, const std::string& to) {
  // With renameoptions, HDFS refuses to replace what is there, and to move it into a folder.
  const auto reply = ask({"PUT", "RENAME", from, "&renameoptions=NONE&destination=" + encoded(to)}, Repeat::no);
  if (reply.status == 200) return Moved::yes;
  const auto exception = RemoteException::in(reply);
  if (exception.already_exists()) return Moved::target_exists;
  if (exception.is_not_found()) return Moved::source_missing;
  throw refusal(action("RENAME", from), reply);
}

std::vector<bool> WebHdfs::remove(std::span<const std::string> paths) {
  std::vector<Call> calls;
  for (const auto& path : paths) calls.push_back({"DELETE", "DELETE", path, "&recursive=false"});
  const auto replies = ask(calls);
  std::vector<bool> were_there;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (replies[i].status != 200) throw refusal(action("DELETE", paths[i]), replies[i]);
    were_there.push_back(replies[i].body.find("true") != std::string::npos);
  }
  return were_there;
}

}  // namespace tidemark::hdfs
