#include "core/redaction.hpp"

#include "support/catch.hpp"

using tidemark::core::is_secret;
using tidemark::core::Redaction;

TEST_CASE("properties that hold credentials are secret", "[unit]") {
  const auto* name =
      GENERATE("sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "ssl.key.location",
               "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config", "sasl.jaas.config", "ssl.certificate.pem");
  CHECK(is_secret(name));
}

TEST_CASE("properties that hold no credentials are not secret", "[unit]") {
  const auto* name = GENERATE("bootstrap.servers", "security.protocol", "sasl.mechanisms", "session.timeout.ms",
                              "client.id", "debug", "");
  CHECK_FALSE(is_secret(name));
}

TEST_CASE("secrets are taken out of a text wherever they stand", "[unit]") {
  const Redaction redact{{{"sasl.password", "canary"}, {"client.id", "mine"}}};
  CHECK(redact("canary: login of mine with canary failed: canary") == "***: login of mine with *** failed: ***");
  CHECK(redact("canarycanary") == "******");
  CHECK(redact("nothing here") == "nothing here");
  CHECK(redact("").empty());
}

TEST_CASE("of a secret that begins with another one nothing is left", "[unit]") {
  const Redaction redact{{{"sasl.password", "can"}, {"ssl.key.password", "canary"}}};
  CHECK(redact("can canary") == "*** ***");
}

TEST_CASE("a secret is known without the blanks in front of it", "[unit]") {
  const Redaction redact{{{"sasl.password", "  canary"}, {"ssl.key.password", "   "}}};
  CHECK(redact("[canary] [  canary] [ ]") == "[***] [***] [ ]");
}

TEST_CASE("an empty secret hides nothing", "[unit]") {
  const Redaction redact{{{"sasl.password", ""}}};
  CHECK(redact("as it was") == "as it was");
}

TEST_CASE("a secret of asterisks comes to an end too", "[unit]") {
  const Redaction redact{{{"sasl.password", "*"}}};
  CHECK(redact("a*b**") == "a***b******");
}

TEST_CASE("without a configuration a text stays as it is", "[unit]") { CHECK(Redaction{}("as it was") == "as it was"); }
