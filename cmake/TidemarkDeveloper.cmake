# What only those who work on tidemark want. Nothing here reaches an installed target or a project that adds tidemark.
function(tidemark_developer_flags target)
  if(TIDEMARK_DEVELOPER OR TIDEMARK_SANITIZE)
    # src/core/invariant.hpp. A library and the tests that include its sources must agree on it.
    target_compile_definitions(${target} PRIVATE
      $<$<OR:$<CONFIG:Debug>,$<BOOL:${TIDEMARK_SANITIZE}>>:TIDEMARK_ASSERTIONS>)
  endif()
  if(TIDEMARK_DEVELOPER)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
      -Woverloaded-virtual -Werror)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # Optimised, GCC 12 warns of std::string's own copying (its bug 105329). Only there: clang-tidy does not know the option.
      target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Wno-restrict>)
    endif()
  endif()
  if(TIDEMARK_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${TIDEMARK_SANITIZE} -fno-omit-frame-pointer
      -fno-sanitize-recover=all)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # As GCC's manual says, the sanitizers make its flow analysis see what is not there: it warns of <regex> in Catch2.
      target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
    endif()
    target_link_options(${target} PUBLIC -fsanitize=${TIDEMARK_SANITIZE})
    if(TIDEMARK_SANITIZE MATCHES thread)
      # GCC refuses Asio's fences then, since ThreadSanitizer does not know any. Asio's mutexes suffice.
      target_compile_definitions(${target} PRIVATE BOOST_ASIO_DISABLE_FENCED_BLOCK)
      get_target_property(type ${target} TYPE)
      if(type STREQUAL "EXECUTABLE")
        target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/sanitizers/c11_threads.cpp)
      endif()
    endif()
  endif()
endfunction()
