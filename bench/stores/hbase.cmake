# The bare calls are made with the store's own generated client, over Thrift's own socket.
target_link_libraries(tidemark_bench PRIVATE tidemark::hbase Thrift::thrift)
target_include_directories(tidemark_bench SYSTEM PRIVATE ${PROJECT_BINARY_DIR}/hbase_thrift2)
