#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tidemark/error.hpp>
#include <tidemark/stores/redis/options.hpp>

namespace tidemark::detail {

/// What helps after Redis has refused a command. In each case the command was not carried out.
enum class RedisRemedy {
  retry,        ///< Time, by itself.
  repeat,       ///< A moment: the slot's keys are on their way to another server.
  reconnect,    ///< Another connection, a little later.
  rediscover,   ///< Asking anew which server is the master.
  redirect,     ///< The server that it names, from now on.
  ask,          ///< The server that it names, this once.
  send_script,  ///< The script itself instead of its hash.
  fatal,        ///< Nothing but somebody's doing.
};

/// An error reply, understood.
struct RedisRefusal {
  RedisRemedy remedy = RedisRemedy::fatal;
  std::optional<RedisAddress> target{};  ///< Of redirect and ask. An empty host means the one that answered.
  std::string_view hint{};               ///< Which option or action mends it.
};

/// Reads an error reply, such as "MOVED 3999 127.0.0.1:6381", also one that an older server has wrapped because a script met it.
RedisRefusal redis_refusal(std::string_view error);

/// The error for a refused command: what was being done, Redis's words, and what mends it. `secret` is a password that was sent: whoever
/// answers may repeat it.
StoreError redis_refused(std::string_view server, std::string_view action, std::string_view error,
                         std::string_view secret = {});

}  // namespace tidemark::detail
