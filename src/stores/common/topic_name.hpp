#pragma once

#include "core/topic_name.hpp"

namespace tidemark::stores {

using core::is_topic_name;
using core::longest_topic;

}  // namespace tidemark::stores
