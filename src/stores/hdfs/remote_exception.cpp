#include "stores/hdfs/remote_exception.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "stores/hdfs/failure.hpp"

namespace tidemark::hdfs {

namespace {

struct Remedy {
  std::string_view exception;
  StoreError::Retry retry;
  std::string_view text;
};

constexpr auto yes = StoreError::Retry::yes;
constexpr auto no = StoreError::Retry::no;

constexpr Remedy remedies[] = {
    {"SafeModeException", yes,
     "It leaves safe mode when enough data nodes have reported; `hdfs dfsadmin -safemode get` tells."},
    {"RetriableException", yes, "The name node is starting."},
    {"NSQuotaExceededException", yes, "Raise the directory's quota of names: `hdfs dfsadmin -setQuota`."},
    {"DSQuotaExceededException", yes, "Raise the directory's quota of space: `hdfs dfsadmin -setSpaceQuota`."},
    {"AccessControlException", no,
     "Give HdfsOffsetStoreOptions::user, or what it stands for, the right to write there."},
    {"SecurityException", no,
     "Set HdfsOffsetStoreOptions::kerberos or ::delegation_token, or a user that the cluster takes."},
    {"AuthenticationException", no,
     "Set HdfsOffsetStoreOptions::kerberos or ::delegation_token, or a user that the cluster takes."},
    {"InvalidToken", no, "The delegation token has expired or was cancelled: fetch a new one."},
    {"IllegalArgumentException", no, ""},
    {"InvalidPathException", no, "Is HdfsOffsetStoreOptions::directory right?"},
    {"ParentNotDirectoryException", no, "Is HdfsOffsetStoreOptions::directory right?"},
    {"UnsupportedOperationException", no, ""},
};

std::string first_line(const std::string& text) {
  constexpr std::size_t enough = 400;
  return text.substr(0, std::min(text.find('\n'), enough));
}

}  // namespace

RemoteException RemoteException::in(const HttpReply& reply) {
  const auto parsed = nlohmann::json::parse(reply.body, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("RemoteException") || !parsed["RemoteException"].is_object()) return {};
  const auto text = [&](const char* member) {
    const auto found = parsed["RemoteException"].find(member);
    return found != parsed["RemoteException"].end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  return {text("exception"), first_line(text("message"))};
}

StoreError refusal(std::string_view action, const HttpReply& reply) {
  if (reply.status == 0) return passing(fmt::format("{}: {}", action, reply.trouble));
  const auto exception = RemoteException::in(reply);
  if (reply.status == 401)
    return lasting(fmt::format(
        "{}: HTTP status 401: it wants to know who we are. Set HdfsOffsetStoreOptions::kerberos (and kinit), or "
        "::delegation_token.",
        action));
  if (exception.name.empty())
    return StoreError{
        fmt::format("{}: HTTP status {} without an explanation. Is that the HTTP address of a name node with WebHDFS "
                    "(dfs.namenode.http-address, usually port 9870)?",
                    action, reply.status),
        reply.status >= 500 ? yes : no};
  for (const auto& remedy : remedies)
    if (remedy.exception == exception.name)
      return StoreError{fmt::format("{}: {}: {}. {}", action, exception.name, exception.message, remedy.text),
                        remedy.retry};
  return passing(fmt::format("{}: {}: {}", action, exception.name, exception.message));
}

}  // namespace tidemark::hdfs
