target_link_libraries(tidemark_bench PRIVATE tidemark::redis Hiredis::hiredis)
