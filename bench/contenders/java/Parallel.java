import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelConsumerOptions.CommitMode;
import io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The same with Confluent's Parallel Consumer: 1,000 threads, each of which waits for its call. */
public final class Parallel {
  private static final Map<Long, Long> lastOfKey = new ConcurrentHashMap<>();
  private static final AtomicLong begun = new AtomicLong();
  private static final AtomicLong ended = new AtomicLong();
  private static final CountDownLatch done = new CountDownLatch(1);
  private static volatile long first;
  private static volatile String disorder;

  private Parallel() {}

  public static void main(String[] arguments) throws Exception {
    var options = new HashMap<String, String>();
    for (int i = 0; i < arguments.length; ++i) {
      var name = arguments[i].substring(2);
      options.put(name, name.equals("version") ? "yes" : arguments[++i]);
    }
    if (options.containsKey("version")) {
      var source = ParallelConsumerOptions.class.getProtectionDomain().getCodeSource().getLocation();
      System.out.printf("%s, Java %s%n", Path.of(source.toURI()).getFileName(), Runtime.version());
      return;
    }
    long wanted = Long.parseLong(options.get("records"));
    var consumer = new KafkaConsumer<byte[], byte[]>(properties(options));
    var processor =
        ParallelStreamProcessor.createEosStreamProcessor(
            ParallelConsumerOptions.<byte[], byte[]>builder()
                .ordering(ProcessingOrder.KEY)
                .maxConcurrency(1000)
                .commitMode(CommitMode.PERIODIC_CONSUMER_ASYNCHRONOUS)
                .consumer(consumer)
                .build());
    processor.subscribe(List.of(options.get("topic")));
    processor.poll(context -> handle(context.getSingleConsumerRecord(), wanted));
    done.await();
    print(wanted);
    processor.closeDontDrainFirst();
    if (disorder != null) throw new IllegalStateException(disorder);
    System.exit(0);
  }

  private static void handle(ConsumerRecord<byte[], byte[]> record, long wanted) {
    if (begun.getAndIncrement() == 0) first = System.nanoTime();
    long number = number(record.value());
    var before = lastOfKey.put(number(record.key()), number);
    if (before != null && before >= number) disorder = "two records of one key came in the wrong order";
    try {
      Thread.sleep(10);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (ended.incrementAndGet() == wanted) done.countDown();
  }

  private static long number(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static Properties properties(Map<String, String> options) {
    var properties = new Properties();
    properties.put("bootstrap.servers", options.get("brokers"));
    properties.put("group.id", options.get("group"));
    properties.put("key.deserializer", ByteArrayDeserializer.class);
    properties.put("value.deserializer", ByteArrayDeserializer.class);
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest");
    properties.put("max.poll.records", "10000");
    properties.put("fetch.max.bytes", "16777216");
    properties.put("check.crcs", "false");
    return properties;
  }

  private static void print(long records) throws Exception {
    double seconds = (System.nanoTime() - first) / 1e9;
    var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    System.out.printf(
        Locale.ROOT, "records=%d seconds=%.4f cpu=%.4f rss_mib=%.1f stalls=0%n", records, seconds,
        system.getProcessCpuTime() / 1e9, peakRssMib());
  }

  private static double peakRssMib() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) return Double.parseDouble(line.substring(6).replace("kB", "").trim()) / 1024;
    }
    return 0;
  }
}
