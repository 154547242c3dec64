import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.AppInfoParser;

/** The same with Kafka's own client, without a commit. */
public final class Consume {
  private static final long STALL_LIMIT_NS = 20_000_000;

  private final long started = System.nanoTime();
  private final long wanted;
  private final long workNs;
  private final int latencySkip;
  private long first;
  private long last;
  private long records;
  private long checksum;
  private int stalls;
  private long stalledNs;
  private long[] latencies = new long[16];
  private int latencyCount;

  private Consume(Map<String, String> options) {
    wanted = Long.parseLong(options.get("records"));
    workNs = Long.parseLong(options.getOrDefault("work-ns", "0"));
    latencySkip = Integer.parseInt(options.getOrDefault("latency-skip", "-1"));
  }

  public static void main(String[] arguments) throws Exception {
    var options = new HashMap<String, String>();
    for (int i = 0; i < arguments.length; ++i) {
      var name = arguments[i].substring(2);
      boolean isFlag = name.equals("stay") || name.equals("version");
      options.put(name, isFlag ? "yes" : arguments[++i]);
    }
    if (options.containsKey("version")) {
      System.out.printf("kafka-clients %s, Java %s%n", AppInfoParser.getVersion(), Runtime.version());
      return;
    }
    var self = new Consume(options);
    try (var consumer = new KafkaConsumer<byte[], byte[]>(properties(options))) {
      consumer.subscribe(List.of(options.get("topic")));
      boolean stay = options.containsKey("stay");
      for (boolean done = false; !done || stay; ) {
        var batch = consumer.poll(Duration.ofSeconds(1));
        if (!batch.isEmpty()) done = self.handle(batch);
      }
    }
  }

  /** As librdkafka and tidemark have them; see bench/README.md. */
  private static Properties properties(Map<String, String> options) {
    var properties = new Properties();
    properties.put("bootstrap.servers", options.get("brokers"));
    properties.put("group.id", options.get("group"));
    properties.put("max.poll.records", options.getOrDefault("batch", "10000"));
    properties.put("key.deserializer", ByteArrayDeserializer.class);
    properties.put("value.deserializer", ByteArrayDeserializer.class);
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest");
    properties.put("fetch.max.bytes", "4194304");
    properties.put("max.partition.fetch.bytes", "1048576");
    properties.put("fetch.max.wait.ms", "500");
    properties.put("check.crcs", "false");
    properties.put("isolation.level", "read_committed");
    properties.put("receive.buffer.bytes", "-1");
    return properties;
  }

  private boolean handle(ConsumerRecords<byte[], byte[]> batch) throws Exception {
    long arrived = System.nanoTime();
    boolean hadEnough = records >= wanted;
    if (records == 0) {
      first = arrived;
    } else if (arrived - last > STALL_LIMIT_NS) {
      ++stalls;
      stalledNs += arrived - last;
    }
    if (latencySkip >= 0) addLatencies(batch);
    for (ConsumerRecord<byte[], byte[]> record : batch) {
      byte[] value = record.value();
      checksum += value[value.length / 2] & 0xff;
    }
    long until = System.nanoTime() + workNs * batch.count();
    while (workNs > 0 && System.nanoTime() < until) continue;
    records += batch.count();
    last = System.nanoTime();
    boolean enough = records >= wanted;
    if (enough && !hadEnough) print();
    return enough;
  }

  private void addLatencies(ConsumerRecords<byte[], byte[]> batch) {
    var now = Instant.now();
    long nowNs = now.getEpochSecond() * 1_000_000_000 + now.getNano();
    for (ConsumerRecord<byte[], byte[]> record : batch) {
      if (latencyCount == latencies.length) latencies = Arrays.copyOf(latencies, 2 * latencyCount);
      latencies[latencyCount++] = nowNs - ByteBuffer.wrap(record.value()).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
  }

  private void print() throws Exception {
    long[] counted = Arrays.copyOfRange(latencies, Math.min(Math.max(latencySkip, 0), latencyCount), latencyCount);
    Arrays.sort(counted);
    System.out.printf(
        Locale.ROOT,
        "records=%d seconds=%.4f cpu=%.4f rss_mib=%.1f stalls=%d stalled_seconds=%.3f startup_seconds=%.3f p50_ms=%.3f p99_ms=%.3f checksum=%d%n",
        records, (last - first) / 1e9, cpuSeconds(), peakRssMib(), stalls, stalledNs / 1e9, (last - started) / 1e9,
        millisecondsAt(counted, 0.5), millisecondsAt(counted, 0.99), checksum);
  }

  private static double cpuSeconds() {
    var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime() / 1e9;
  }

  private static double peakRssMib() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) return Double.parseDouble(line.substring(6).replace("kB", "").trim()) / 1024;
    }
    return 0;
  }

  private static double millisecondsAt(long[] sorted, double part) {
    return sorted.length == 0 ? 0 : sorted[(int) (part * (sorted.length - 1))] / 1e6;
  }
}
