#include <tidemark/stores/redis/transaction.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <tidemark/error.hpp>

#include "stores/common/call_scope.hpp"
#include "stores/common/text.hpp"
#include "stores/redis/client.hpp"
#include "stores/redis/command_queue.hpp"
#include "stores/redis/plan.hpp"
#include "stores/redis/refusal.hpp"
#include "stores/redis/transaction_keys.hpp"

namespace tidemark {

namespace {

using detail::RedisArguments;
using detail::RedisCall;

[[noreturn]] void refuse(const std::string& why, StoreError::Retry retry = StoreError::Retry::no) {
  throw StoreError{"Redis store: " + why, retry};
}

/// A reply as the transaction script compares it.
void append_reply(RedisArguments& arguments, const RedisReply& reply) {
  switch (reply.type()) {
    case RedisReply::Type::nil:
      return arguments.add("n");
    case RedisReply::Type::integer:
      arguments.add("i");
      return arguments.add(reply.integer());
    case RedisReply::Type::array:
      arguments.add("a");
      arguments.add(static_cast<std::int64_t>(reply.elements().size()));
      for (const auto& element : reply.elements()) append_reply(arguments, element);
      return;
    default:
      arguments.add(reply.type() == RedisReply::Type::string ? "s" : "o");
      arguments.add(reply.text());
  }
}

}  // namespace

class RedisTransaction::Impl {
 public:
  Impl(detail::RedisClient& client, const GroupSession& session, std::span<const OffsetRange> ranges)
      : client_{client},
        commands_{client.commands()},
        group_{session.group},
        stop_{session.stop},
        ranges_{ranges.begin(), ranges.end()},
        plan_{detail::redis_chunks(client.pattern(), group_, ranges_), detail::redis_transaction_script,
              [this](RedisArguments& arguments, const detail::RedisChunk& chunk) {
                detail::append_ranges(arguments, chunk, ranges_);
                offset_keys_.push_back(chunk.key);
              }},
        keys_{client, group_} {
    if (plan_.calls().size() > 1)
      refuse(fmt::format(
          "a transaction in a cluster needs its offsets in one slot, but these are in {}: use a hash tag "
          "in RedisOffsetStoreOptions::key_pattern, such as kafka:topic:<topic>:{{<group>}}, and in your keys",
          plan_.calls().size()));
    if (plan_.calls().empty()) return;
    keys_.set_slot(plan_.calls()[0].slot);
    notes_ = client.pattern().notes_key(offset_keys_.front());
    offset_keys_.push_back(notes_);
  }

  void add(std::span<const RedisArgument> words) {
    require_open();
    const auto& name = check(words).first;
    for (const auto& word : words.subspan(1))
      if (std::ranges::find(offset_keys_, word.text()) != offset_keys_.end())
        refuse(fmt::format("{} names the key {}, which belongs to the offsets: the transaction itself changes it", name,
                           stores::quoted(word.text())));
    queue_.add(name, words);
  }

  RedisReply read(std::span<const RedisArgument> words) {
    const auto scope = call_scope();
    require_open();
    const auto& [name, info] = check(words);
    if (!info->only_reads) refuse(name + " does not only read: queue it by command()");
    RedisCall call{keys_.slot().value_or(0)};
    for (const auto& word : words) call.arguments.add(word.text());
    client_.caller().run({&call, 1}, "read");
    reads_.add(static_cast<std::int64_t>(words.size()));
    for (const auto& word : words) reads_.add(word.text());
    append_reply(reads_, call.reply);
    shown_reads_.push_back(words.size() > 1 ? name + ' ' + stores::quoted(words[1].text()) : name);
    return std::move(call.reply);
  }

  std::optional<Conflict> commit() {
    const auto scope = call_scope();
    require_open();
    is_over_ = true;
    keys_.ask_for_movable();
    RedisCall bare{keys_.slot().value_or(0), &detail::redis_transaction_script};
    auto& call = plan_.calls().empty() ? bare : plan_.calls()[0];
    complete(call);
    const auto replicas = client_.transact(call, !ranges_.empty());
    if (auto conflict = judge(call)) return conflict;
    client_.require_replicas(replicas, call.server);
    return std::nullopt;
  }

 private:
  /// The deadline was that of begin(), and the handler has worked since.
  stores::CallScope call_scope() const { return {stores::CallScope::Clock::time_point::max(), stop_}; }
  /// What the transaction script takes besides the ranges.
  void complete(RedisCall& call) const {
    RedisArguments whole;
    whole.add(static_cast<std::int64_t>(call.keys.count()));
    whole.add(call.arguments);
    whole.add(static_cast<std::int64_t>(shown_reads_.size()));
    whole.add(reads_);
    queue_.append_to(whole);
    call.arguments = std::move(whole);
    if (!notes_.empty()) call.keys.add(notes_);
    call.keys.add(keys_.declared());
  }

  void require_open() const {
    if (is_over_) refuse("the transaction is over: commit() was called; begin another one");
  }

  using Known = std::pair<std::string, const detail::RedisCommandInfo*>;

  /// The command's name in upper case and what is known of it, if it may go into the script.
  const Known& check(std::span<const RedisArgument> words) {
    if (words.empty()) refuse("a command without a name");
    // A batch mostly repeats a command.
    if (known_.second == nullptr || is_subcommand_ || words[0].text() != known_as_) {
      known_ = look_up(words);
      known_as_ = words[0].text();
    }
    const auto& [name, info] = known_;
    if (!info->takes(words.size())) refuse(fmt::format("{} does not take {} words", name, words.size()));
    keys_.add(name, *info, words);
    return known_;
  }
  Known look_up(std::span<const RedisArgument> words) {
    auto name = detail::redis_upper_case(words[0].text());
    const auto* info = commands_.find(name);
    is_subcommand_ = info != nullptr && info->has_subcommands && words.size() > 1;
    if (is_subcommand_) {
      const auto sub = detail::redis_upper_case(words[1].text());
      info = commands_.find(name + '|' + sub);
      name += ' ' + sub;
    }
    if (info == nullptr) refuse(fmt::format("the server has no command {}", stores::quoted(name)));
    if (!info->allowed_in_scripts)
      refuse(name + " is about connections, databases or transactions, which a transaction's script may not touch");
    return {std::move(name), info};
  }

  std::optional<Conflict> judge(const RedisCall& call) const {
    const auto told =
        call.reply.type() == RedisReply::Type::array ? call.reply.elements() : std::span<const RedisReply>{};
    const auto outcome = told.empty() ? std::string_view{} : told[0].text();
    if (outcome == "done") return std::nullopt;
    if (outcome == "conflict") return plan_.conflict(call, told.subspan(1), ranges_);
    if (outcome == "applied" && told.size() == 1) return std::nullopt;
    if (outcome == "applied" && told.size() == 4) fail_in_part(call, told);
    if (outcome == "changed")
      refuse(
          "what the handler has read was changed before the transaction was committed; nothing was applied, and the "
          "batch can be handled again",
          StoreError::Retry::yes);
    if (outcome == "type" && told.size() == 3)
      refuse(
          fmt::format("the key {} holds a {}, and the transaction has a command for another type; nothing was applied: "
                      "rename or remove the key, or change the handler",
                      stores::quoted(told[1].text()), told[2].text()));
    if (outcome == "failed" && told.size() == 4)
      throw detail::redis_refused(call.server, failed_step(told[1].text(), told[2]) + ", and nothing was applied",
                                  told[3].text());
    refuse("the answer of the script is not understood", StoreError::Retry::yes);
  }

  /// What the script could not do.
  std::string failed_step(std::string_view what, const RedisReply& which) const {
    if (what == "command") return fmt::format("run {} in the transaction", queue_.shown(place_in(which)));
    if (what == "read") {
      const auto place = place_in(which) - 1;
      return fmt::format("repeat the handler's read {} to compare it",
                         place < shown_reads_.size() ? shown_reads_[place] : std::string{});
    }
    if (what == "type")
      return fmt::format("ask for the type of the transaction's key {}", stores::quoted(which.text()));
    if (what == "notes")
      return fmt::format("use the key {}, where the store notes failed commands of a transaction",
                         stores::quoted(notes_));
    return "move the transaction's offsets";
  }
  static std::size_t place_in(const RedisReply& which) { return static_cast<std::size_t>(which.integer()); }

  [[noreturn]] void fail_in_part(const RedisCall& call, std::span<const RedisReply> told) const {
    refuse(
        fmt::format("({}) {} of the transaction's {} commands failed; all others were applied and the offsets moved, "
                    "so these alone must be made up for by hand. The first: {}: {}",
                    call.server, told[1].integer(), queue_.size(), queue_.shown(place_in(told[2])),
                    stores::quoted(told[3].text())));
  }

  detail::RedisClient& client_;
  const detail::RedisCommandTable& commands_;
  std::string group_;
  std::stop_token stop_;
  std::vector<OffsetRange> ranges_;
  std::vector<std::string> offset_keys_;  // and the notes'
  std::string notes_;
  detail::RedisPlan plan_;
  detail::RedisTransactionKeys keys_;
  std::string known_as_;
  Known known_{};
  bool is_subcommand_ = false;
  detail::RedisCommandQueue queue_;
  RedisArguments reads_;
  std::vector<std::string> shown_reads_;
  bool is_over_ = false;
};

RedisTransaction::RedisTransaction(detail::RedisClient& client, const GroupSession& session,
                                   std::span<const OffsetRange> ranges)
    : impl_{std::make_unique<Impl>(client, session, ranges)} {}

RedisTransaction::RedisTransaction(RedisTransaction&&) noexcept = default;
RedisTransaction& RedisTransaction::operator=(RedisTransaction&&) noexcept = default;
RedisTransaction::~RedisTransaction() = default;

void RedisTransaction::command_with(std::span<const RedisArgument> arguments) { impl_->add(arguments); }

RedisReply RedisTransaction::read_with(std::span<const RedisArgument> arguments) { return impl_->read(arguments); }

std::optional<Conflict> RedisTransaction::commit() { return impl_->commit(); }

}  // namespace tidemark
