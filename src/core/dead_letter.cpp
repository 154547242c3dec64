#include <tidemark/dead_letter.hpp>

namespace tidemark {

std::string_view name_of(DeadLetterReason reason) {
  switch (reason) {
    case DeadLetterReason::rejected:
      return "rejected";
    case DeadLetterReason::undecodable:
      return "undecodable";
    case DeadLetterReason::exhausted:
      return "exhausted";
    case DeadLetterReason::isolated:
      return "isolated";
  }
  return "unknown";
}

}  // namespace tidemark
