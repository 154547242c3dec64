tidemark_component(sqlite PACKAGES "SQLite3 3.35|libsqlite3-dev")
if(TIDEMARK_BUILD_SQLITE)
  tidemark_library(sqlite
    SOURCES_FROM src/stores/sqlite
    SOURCES src/stores/sqlite.cpp
    PUBLIC tidemark::tidemark
    PRIVATE SQLite::SQLite3 fmt::fmt
    PACKAGES "SQLite3 3.35"
    PKGCONFIG "sqlite3 fmt"
    DESCRIPTION "tidemark's offset store in SQLite")
endif()
