#include "stores/redis/transaction_keys.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"
#include "stores/redis/client.hpp"

namespace tidemark::detail {

RedisTransactionKeys::RedisTransactionKeys(RedisClient& client, std::string_view group)
    : client_{client}, group_{group}, is_cluster_{client.options().topology == RedisTopology::cluster} {}

void RedisTransactionKeys::add(std::string_view name, const RedisCommandInfo& info,
                               std::span<const RedisArgument> words) {
  if (!is_cluster_) return;
  if (!info.has_movable_keys) {
    for (const auto place : info.key_places(words.size())) add_key(name, words[place].text());
    return;
  }
  RedisArguments encoded;
  for (const auto& word : words) encoded.add(word.text());
  if (asked_.insert(encoded.encoded()).second) movable_.push_back({std::string{name}, std::move(encoded)});
}

void RedisTransactionKeys::ask_for_movable() {
  std::vector<RedisCall> calls;
  for (const auto& each : movable_) {
    RedisCall call{.slot = slot_.value_or(0), .may_be_refused = true};
    call.arguments.add("COMMAND");
    call.arguments.add("GETKEYS");
    call.arguments.add(each.words);
    calls.push_back(std::move(call));
  }
  client_.caller().run(calls, "ask for the keys of the transaction's commands");
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto& reply = calls[i].reply;
    if (!reply.is_error()) {
      for (const auto& key : reply.elements()) add_key(movable_[i].name, key.text());
    } else if (!reply.text().starts_with("ERR The command has no key arguments")) {
      throw StoreError{fmt::format("Redis store ({}): cannot tell the keys of the transaction's command {}: {}; check "
                                   "its arguments",
                                   calls[i].server, movable_[i].name, stores::quoted(reply.text())),
                       StoreError::Retry::no};
    }
  }
  movable_.clear();
}

void RedisTransactionKeys::add_key(std::string_view name, std::string_view key) {
  if (key == last_ && !keys_.empty()) return;
  const auto slot = client_.pattern().slot(key);
  if (!slot_) slot_ = slot;
  if (*slot_ != slot)
    throw StoreError{
        fmt::format("Redis store: {} has the key {}, which is in slot {} of the cluster, but the transaction is in {}: "
                    "give your keys and RedisOffsetStoreOptions::key_pattern the same hash tag, such as {{{}}}:totals "
                    "and kafka:topic:<topic>:{{<group>}}",
                    name, stores::quoted(key), slot, *slot_, group_),
        StoreError::Retry::no};
  last_ = key;
  if (keys_.emplace(key).second) declared_.add(key);
}

}  // namespace tidemark::detail
