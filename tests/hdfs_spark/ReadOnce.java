import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;

/** A Structured Streaming query, as one writes it: BROKERS TOPIC CHECKPOINT. Handles what there is in batches, saying "handled PARTITION OFFSET". */
public class ReadOnce {
  public static void main(String[] arguments) throws Exception {
    SparkSession spark = SparkSession.builder().master("local[1]").config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1").getOrCreate();
    Dataset<Row> records = spark.readStream().format("kafka").option("kafka.bootstrap.servers", arguments[0])
        .option("subscribe", arguments[1]).option("startingOffsets", "earliest").option("maxOffsetsPerTrigger", "120").load();
    VoidFunction2<Dataset<Row>, Long> print = (batch, number) -> {
      for (Row row : batch.selectExpr("partition", "offset").collectAsList())
        System.out.println("handled " + row.getInt(0) + " " + row.getLong(1));
    };
    records.writeStream().foreachBatch(print).option("checkpointLocation", arguments[2]).trigger(Trigger.AvailableNow()).start()
        .awaitTermination();
    System.out.println("done");
  }
}
