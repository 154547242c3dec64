#include "stores/zookeeper/failure.hpp"

#include <fmt/format.h>
#include <zookeeper/zookeeper.h>

#include "stores/common/call_scope.hpp"

namespace tidemark::detail {

namespace {

constexpr int quota_exceeded = -125;  // of newer servers: unknown to the client

const char* hint(int code) {
  switch (code) {
    case ZNOAUTH:
      return "the ACL of the znode, or of the one above it, does not allow it: set ZooKeeperOffsetStoreOptions::user "
             "and password, or "
             "change the ACL (setAcl)";
    case ZAUTHFAILED:
    case ZSESSIONCLOSEDREQUIRESASLAUTH:
      return "the servers refused to authenticate this client: they must allow the scheme digest, or none";
    case ZINVALIDACL:
      return "check ZooKeeperOffsetStoreOptions::user";
    case ZNOTREADONLY:
      return "the server has lost the others and only reads: wait until most of them are back";
    case ZUNIMPLEMENTED:
      return "the servers are older than 3.4, and know no multi: upgrade them";
    case ZTHROTTLEDOP:
      return "the servers are overloaded: see their requestThrottleLimit";
    case quota_exceeded:
      return "raise the znode's quota (setquota)";
    default:
      return "look at the servers' logs";
  }
}

bool passes_by_itself(int code) {
  return zookeeper_outcome(code) == ZooKeeperOutcome::unknown || code == ZNOTREADONLY || code == ZTHROTTLEDOP;
}

}  // namespace

ZooKeeperOutcome zookeeper_outcome(int code) {
  switch (code) {
    case ZOK:
      return ZooKeeperOutcome::done;
    case ZNONODE:
    case ZNODEEXISTS:
    case ZBADVERSION:
      return ZooKeeperOutcome::mismatch;
    case ZCONNECTIONLOSS:
    case ZOPERATIONTIMEOUT:
    case ZSESSIONEXPIRED:
    case ZSESSIONMOVED:
    case ZINVALIDSTATE:
    case ZCLOSING:
    case ZSYSTEMERROR:
    case ZRUNTIMEINCONSISTENCY:
    case ZDATAINCONSISTENCY:
      return ZooKeeperOutcome::unknown;
    default:
      return ZooKeeperOutcome::refused;
  }
}

std::string zookeeper_message(const ZooKeeperOffsetStoreOptions& options, std::string_view what) {
  return fmt::format("ZooKeeper store \"{}{}\": {}", options.servers, options.chroot, what);
}

StoreError zookeeper_failure(const ZooKeeperOffsetStoreOptions& options, int code, std::string_view action) {
  const auto* words = code == quota_exceeded ? "quota exceeded" : zerror(code);
  return StoreError{
      zookeeper_message(options, fmt::format("cannot {}: {} (ZooKeeper code {}); {}", action, words, code, hint(code))),
      passes_by_itself(code) ? StoreError::Retry::yes : StoreError::Retry::no};
}

StoreError zookeeper_timeout(const ZooKeeperOffsetStoreOptions& options, std::string_view why) {
  try {
    stores::CallScope::check();
  } catch (const StoreError& error) {
    return StoreError{zookeeper_message(options, fmt::format("{}: {}", why, error.what())), StoreError::Retry::yes};
  }
  return StoreError{
      zookeeper_message(
          options,
          fmt::format("{} within ZooKeeperOffsetStoreOptions::call_timeout ({} ms); see that most of the servers "
                      "run and can be reached, or raise call_timeout",
                      why, options.call_timeout.count())),
      StoreError::Retry::yes};
}

}  // namespace tidemark::detail
