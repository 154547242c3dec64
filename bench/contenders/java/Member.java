import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The same as member_tidemark.cpp with Kafka's own client. */
public final class Member {
  private static final long LIMIT_NS = 20_000_000;

  private final Map<Integer, Long> last = new HashMap<>();

  public static void main(String[] arguments) {
    new Member().run(arguments[0], arguments[1], arguments[2]);
  }

  private void run(String brokers, String topic, String group) {
    var properties = new Properties();
    properties.put("bootstrap.servers", brokers);
    properties.put("group.id", group);
    properties.put("key.deserializer", ByteArrayDeserializer.class);
    properties.put("value.deserializer", ByteArrayDeserializer.class);
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "latest");
    properties.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
    var consumer = new KafkaConsumer<byte[], byte[]>(properties);
    var main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  consumer.wakeup();
                  try {
                    main.join();
                  } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                  }
                }));
    try (consumer) {
      consumer.subscribe(List.of(topic), new Listener(consumer));
      while (true) {
        for (TopicPartition partition : consumer.poll(Duration.ofSeconds(1)).partitions()) handled(partition);
      }
    } catch (WakeupException asked) {
      return;
    }
  }

  private void handled(TopicPartition partition) {
    long now = System.nanoTime();
    Long before = last.put(partition.partition(), now);
    if (before != null && now - before > LIMIT_NS) System.out.printf("gap %d %d%n", now, now - before);
  }

  private final class Listener implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> consumer;

    private Listener(KafkaConsumer<byte[], byte[]> its) {
      consumer = its;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      System.out.printf("own %d%n", consumer.assignment().size());
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      for (TopicPartition partition : partitions) last.remove(partition.partition());
    }
  }
}
