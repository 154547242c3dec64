#pragma once

namespace tidemark::core {

/// `client.id` where users give none.
inline constexpr const char* default_client_id = "tidemark";

}  // namespace tidemark::core
