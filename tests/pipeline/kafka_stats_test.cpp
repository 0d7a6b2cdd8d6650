#include "pipeline/kafka_stats.h"

#include <gtest/gtest.h>

#include "pipeline/kafka_handles.h"

namespace vpnverdict {
namespace {

// Cut out of a document of librdkafka 2.0.2; the -1 partition and the fields not read here left in.
constexpr std::string_view kDocument = R"({"name":"rdkafka#consumer-1","topics":{"raw":{"topic":"raw","partitions":{
"0":{"partition":0,"fetch_state":"active","app_offset":90,"committed_offset":40,"ls_offset":100,"hi_offset":100,"consumer_lag":60},
"1":{"partition":1,"fetch_state":"none","app_offset":-1001,"committed_offset":-1001,"ls_offset":-1001,"hi_offset":-1001},
"2":{"partition":2,"fetch_state":"active","app_offset":-1001,"committed_offset":7,"ls_offset":-1001,"hi_offset":10},
"3":{"partition":3,"fetch_state":"active","app_offset":-1001,"committed_offset":-1001,"ls_offset":-1001,"hi_offset":-1001},
"-1":{"partition":-1,"fetch_state":"none","app_offset":-1001}}}},"cgrp":{"rebalance_cnt":2}})";

TEST(KafkaStats, lag_counts_from_what_the_application_was_handed) {
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> lags;
  ASSERT_TRUE(read_lags(kDocument, &lags));
  const std::map<std::pair<std::string, std::int32_t>, std::int64_t> expected = {
      {{"raw", 0}, 10}, {{"raw", 2}, 3}, {{"raw", 3}, -1}};
  EXPECT_EQ(lags, expected);
}

TEST(KafkaStats, garbage_is_refused) {
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> lags;
  EXPECT_FALSE(read_lags("{", &lags));
  EXPECT_FALSE(read_lags("{}", &lags));
  EXPECT_TRUE(read_lags(R"({"topics":{"a":{},"b":{"partitions":{"x":{}}}}})", &lags));
  EXPECT_TRUE(lags.empty());
}

TEST(KafkaProperties, librdkafka_s_own_sentence_comes_back) {
  KafkaConfig config;
  config.properties = {{"no.such.property", "1"}, {"linger.ms", "soon"}, {"client.id", "fine"}};
  const std::vector<ConfigError> errors = check_kafka_properties(config);
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_NE(errors[0].what.find("linger.ms"), std::string::npos);
  EXPECT_NE(errors[1].what.find("no.such.property"), std::string::npos);
}

TEST(KafkaProperties, the_service_s_own_settings_stand_whatever_the_properties_say) {
  KafkaConfig config;
  config.properties = {{"session.timeout.ms", "6000"}};
  std::string error;
  const KafkaConf conf = make_conf(config, KafkaRole::consumer, {}, &error);
  ASSERT_TRUE(conf) << error;
  const auto value = [&](const char* name) {
    char text[128];
    std::size_t size = sizeof(text);
    return rd_kafka_conf_get(conf.get(), name, text, &size) == RD_KAFKA_CONF_OK ? std::string(text) : std::string("?");
  };
  EXPECT_EQ(value("session.timeout.ms"), "6000");
  EXPECT_EQ(value("enable.auto.commit"), "false");
  EXPECT_EQ(value("partition.assignment.strategy"), "range");
}

TEST(KafkaErrors, fall_into_their_classes) {
  EXPECT_EQ(class_of(RD_KAFKA_RESP_ERR__TRANSPORT), KafkaError::transport);
  EXPECT_EQ(class_of(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), KafkaError::message);
  EXPECT_EQ(class_of(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART), KafkaError::unknown_topic);
  EXPECT_EQ(class_of(RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE), KafkaError::other);
}

}  // namespace
}  // namespace vpnverdict
