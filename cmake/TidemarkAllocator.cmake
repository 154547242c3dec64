# Most of a Kafka client's cost is one allocation a message on one thread and its release on another, so the allocator decides what
# a program pays. That is the program's choice: no library of the package links one, tidemark's own programs do.
set(TIDEMARK_ALLOCATOR auto CACHE STRING
  "What tidemark's own programs allocate with: mimalloc, stock (libc's), or auto (mimalloc where it is installed)")
set_property(CACHE TIDEMARK_ALLOCATOR PROPERTY STRINGS auto mimalloc stock)
if(NOT TIDEMARK_ALLOCATOR MATCHES "^(auto|mimalloc|stock)$")
  message(FATAL_ERROR "TIDEMARK_ALLOCATOR is \"${TIDEMARK_ALLOCATOR}\": it can be auto, mimalloc or stock")
endif()

set(TIDEMARK_HAS_MIMALLOC OFF)
# The sanitizers bring an allocator of their own.
if(NOT TIDEMARK_ALLOCATOR STREQUAL "stock" AND NOT TIDEMARK_SANITIZE)
  find_package(mimalloc CONFIG QUIET)
  if(mimalloc_FOUND)
    set(TIDEMARK_HAS_MIMALLOC ON)
  elseif(TIDEMARK_ALLOCATOR STREQUAL "mimalloc")
    message(FATAL_ERROR "TIDEMARK_ALLOCATOR is mimalloc, which is not installed (Debian: libmimalloc-dev)")
  endif()
endif()

# tidemark_use_allocator(program): as TIDEMARK_ALLOCATOR says.
function(tidemark_use_allocator program)
  if(TIDEMARK_HAS_MIMALLOC)
    # Nothing in the program calls it by name, so a linker that drops what is not needed would drop it.
    target_link_libraries(${program} PRIVATE -Wl,--push-state,--no-as-needed mimalloc -Wl,--pop-state)
  endif()
endfunction()
