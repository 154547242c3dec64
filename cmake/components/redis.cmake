tidemark_component(redis PACKAGES "Hiredis 0.14.1|libhiredis-dev pkg-config")
set(redis_has_tls OFF)
if(TIDEMARK_BUILD_REDIS)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(HiredisSsl QUIET hiredis_ssl)
    set(redis_has_tls ${HiredisSsl_FOUND})
  endif()
endif()
# TLS goes through OpenSSL itself: hiredis_ssl writes to the socket in a way that raises SIGPIPE, and doesn't check the host's name.
# Where a distribution's hiredis has no TLS (0.14), neither have we, unless asked for.
tidemark_option(TIDEMARK_REDIS_TLS "rediss:// in tidemark::redis" AUTO_IF "${redis_has_tls}" PACKAGES "OpenSSL 1.1.1|libssl-dev")

if(TIDEMARK_BUILD_REDIS)
  if(TIDEMARK_REDIS_TLS)
    set(redis_tls_source src/stores/redis/tls/openssl.cpp)
    set(redis_tls_library OpenSSL::SSL)
    set(redis_tls_package "OpenSSL 1.1.1")
    set(redis_tls_module " openssl")
  else()
    set(redis_tls_source src/stores/redis/tls/none.cpp)
  endif()
  tidemark_library(redis
    SOURCES_FROM src/stores/redis
    SOURCES src/stores/redis.cpp ${redis_tls_source}
    PUBLIC tidemark::tidemark
    PRIVATE Hiredis::hiredis fmt::fmt ${redis_tls_library}
    PACKAGES "Hiredis 0.14.1" ${redis_tls_package}
    PKGCONFIG "hiredis fmt${redis_tls_module}"
    DESCRIPTION "tidemark's offset store in Redis")
endif()
