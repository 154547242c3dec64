find_package(Hiredis 0.14.1 QUIET)
tidemark_component_option(TIDEMARK_BUILD_REDIS "Build tidemark::redis" Hiredis_FOUND)
if(TIDEMARK_BUILD_REDIS)
  find_package(Hiredis 0.14.1 REQUIRED)
  tidemark_library(redis
    SOURCES_FROM src/stores/redis
    SOURCES src/stores/redis.cpp
    PUBLIC tidemark::tidemark
    PRIVATE Hiredis::hiredis fmt::fmt
    PACKAGES "Hiredis 0.14.1"
    PKGCONFIG "hiredis fmt"
    DESCRIPTION "tidemark's offset store in Redis")
endif()
