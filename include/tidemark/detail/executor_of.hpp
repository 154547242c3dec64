#pragma once

#include <type_traits>

#include <boost/asio/execution_context.hpp>

namespace tidemark::detail {

/// An execution context's executor, or the executor itself.
template <class Executor>
auto executor_of(Executor& executor) {
  if constexpr (std::is_base_of_v<boost::asio::execution_context, Executor>)
    return executor.get_executor();
  else
    return std::remove_const_t<Executor>{executor};
}

}  // namespace tidemark::detail
