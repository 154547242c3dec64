tidemark_component(postgres PACKAGES "PostgreSQL 14|libpq-dev")
if(TIDEMARK_BUILD_POSTGRES)
  tidemark_library(postgres
    SOURCES_FROM src/stores/postgres
    SOURCES src/stores/postgres.cpp
    PUBLIC tidemark::tidemark
    PRIVATE PostgreSQL::PostgreSQL fmt::fmt
    PACKAGES "PostgreSQL 14"
    PKGCONFIG "libpq fmt"
    DESCRIPTION "tidemark's offset store in PostgreSQL")
endif()
