#pragma once

// Everything but the stores, which have a header each: <tidemark/stores/file.hpp>, <tidemark/stores/kafka.hpp>, …
#include <tidemark/batch.hpp>
#include <tidemark/by_key.hpp>
#include <tidemark/consumer_state.hpp>
#include <tidemark/dead_letter.hpp>
#include <tidemark/decoder.hpp>
#include <tidemark/each_record.hpp>
#include <tidemark/error.hpp>
#include <tidemark/handler_retry.hpp>
#include <tidemark/line_observer.hpp>
#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/oauth_token.hpp>
#include <tidemark/observer.hpp>
#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_store.hpp>
#include <tidemark/on_executor.hpp>
#include <tidemark/options.hpp>
#include <tidemark/run_until_signal.hpp>
#include <tidemark/transactional_store.hpp>
#include <tidemark/version.hpp>
