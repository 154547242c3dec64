tidemark_component(hdfs PACKAGES "CURL 7.68|libcurl4-openssl-dev" "nlohmann_json 3.9|nlohmann-json3-dev")
if(TIDEMARK_BUILD_HDFS)
  tidemark_library(hdfs
    SOURCES_FROM src/stores/hdfs
    SOURCES src/stores/hdfs.cpp
    PUBLIC tidemark::tidemark
    PRIVATE CURL::libcurl $<BUILD_INTERFACE:nlohmann_json::nlohmann_json> fmt::fmt
    PACKAGES "CURL 7.68"
    PKGCONFIG "libcurl fmt"
    DESCRIPTION "tidemark's offset store in Spark's checkpoint log, on HDFS or a local directory")
endif()
