#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace tidemark {

/// A token by which a client logs in where `sasl.mechanisms` is OAUTHBEARER.
struct OAuthToken {
  std::string value;      ///< As the broker is to see it, such as a JWT.
  std::string principal;  ///< The name of the user that the token stands for.
  std::chrono::system_clock::time_point
      expires_at;  ///< In the future. A new token is asked for after 80 % of the time until then.
  std::map<std::string, std::string> extensions{};  ///< SASL extensions (RFC 7628), for brokers that ask for them.
};

/// Fetches a token.
///
/// Thread safety: each client calls it from a thread of its own, one call at a time. Give the function to several clients only if it
///                may be called from several threads at once.
/// Blocking:      may block, for a request to the identity provider; the consumer's work and its group membership go on. To destroy the
///                client takes as long as a call that is under way.
/// Errors:        what it throws is told as an error of authentication, and it is called again 10 s later. Its text must not hold the token.
using OAuthTokenProvider = std::function<OAuthToken()>;

}  // namespace tidemark
