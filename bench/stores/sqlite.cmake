target_link_libraries(tidemark_bench PRIVATE tidemark::sqlite SQLite::SQLite3)
