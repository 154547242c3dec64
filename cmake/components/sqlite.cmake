find_package(SQLite3 3.35 QUIET)
tidemark_component_option(TIDEMARK_BUILD_SQLITE "Build tidemark::sqlite" SQLite3_FOUND)
if(TIDEMARK_BUILD_SQLITE)
  find_package(SQLite3 3.35 REQUIRED)
  tidemark_library(sqlite
    SOURCES_FROM src/stores/sqlite
    SOURCES src/stores/sqlite.cpp
    PUBLIC tidemark::tidemark
    PRIVATE SQLite::SQLite3 fmt::fmt
    PACKAGES "SQLite3 3.35"
    PKGCONFIG "sqlite3 fmt"
    DESCRIPTION "tidemark's offset store in SQLite")
endif()
