target_link_libraries(tidemark_bench PRIVATE tidemark::hdfs CURL::libcurl)
