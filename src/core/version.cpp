#include <tidemark/version.hpp>

namespace tidemark {

const char* version() noexcept { return "0.1.0"; }

}  // namespace tidemark
