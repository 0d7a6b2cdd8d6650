import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The join of the two logs as a Kafka Streams program: read, keep what matters, repartition by the client's address, collect the
 * facts of both sides in a state store with a changelog, tell the cause once. Exactly once, a commit a second.
 *
 * <p>usage: Peer BROKERS APPLICATION PREFIX THREADS COMMIT_MS STATE_DIR; prints "CONSUMED TOLD" each 100 ms.
 */
public final class Peer {
  private static final String STORE = "attempts";
  private static final long FORGOTTEN_MS = Duration.ofMinutes(5).toMillis();
  private static final LongAdder CONSUMED = new LongAdder();
  private static final LongAdder TOLD = new LongAdder();

  /** A fact on its way through the repartition topic: what, and where its line stands. */
  record Fact(int fact, boolean client, int partition, long offset) {}

  private static final Serde<Fact> FACTS = Serdes.serdeFrom(
      (topic, fact) -> ByteBuffer.allocate(17).putInt(fact.fact()).put((byte) (fact.client() ? 1 : 0)).putInt(fact.partition()).putLong(fact.offset()).array(),
      (topic, bytes) -> {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return new Fact(in.getInt(), in.get() == 1, in.getInt(), in.getLong());
      });
  private static final Serde<Attempt> ATTEMPTS = Serdes.serdeFrom(
      (topic, attempt) -> attempt == null ? null : ByteBuffer.allocate(13).putInt(attempt.facts).putLong(attempt.heard).put((byte) (attempt.told ? 1 : 0)).array(),
      (topic, bytes) -> {
        if (bytes == null) return null;
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return new Attempt(in.getInt(), in.getLong(), in.get() == 1);
      });

  /** Stage 1: from a record to a fact of an address. */
  private static final class Read extends ContextualProcessor<byte[], byte[], String, Fact> {
    private final Lines lines = new Lines();

    @Override
    public void process(Record<byte[], byte[]> record) {
      CONSUMED.increment();
      if (!lines.read(record.value())) return;
      RecordMetadata from = context().recordMetadata().get();
      context().forward(record.withKey(lines.peer).withValue(
          new Fact(lines.fact, from.topic().endsWith("vpn-client"), from.partition(), from.offset())));
    }
  }

  /** Stage 2: the facts of one address, until they decide. */
  private static final class Join extends ContextualProcessor<String, Fact, String, String> {
    private final String prefix;
    private KeyValueStore<String, Attempt> attempts;

    Join(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public void init(ProcessorContext<String, String> context) {
      super.init(context);
      attempts = context.getStateStore(STORE);
      context.schedule(Duration.ofMinutes(1), PunctuationType.STREAM_TIME, this::forget);
    }

    @Override
    public void process(Record<String, Fact> record) {
      Attempt known = attempts.get(record.key());
      int facts = record.value().fact() | (known == null ? 0 : known.facts);
      boolean told = known != null && known.told;
      if (known != null && facts == known.facts) return;  // a repetition
      Attempt now = new Attempt(facts, record.timestamp(), told);
      String cause = told ? null : now.cause();
      attempts.put(record.key(), cause == null ? now : new Attempt(facts, record.timestamp(), true));
      if (cause == null) return;
      TOLD.increment();
      Fact by = record.value();
      context().forward(record.withValue("{\"peer_ip\":\"" + record.key() + "\",\"cause\":\"" + cause + "\",\"evidence\":[{\"source\":\"" + prefix
          + (by.client() ? ".vpn-client/" : ".vpn-concentrator/") + by.partition() + "\",\"line\":" + by.offset() + "}]}"));
    }

    private void forget(long now) {
      try (KeyValueIterator<String, Attempt> all = attempts.all()) {
        while (all.hasNext()) {
          KeyValue<String, Attempt> one = all.next();
          if (one.value.heard < now - FORGOTTEN_MS) attempts.delete(one.key);
        }
      }
    }
  }

  private static Properties properties(String[] args) {
    Properties out = new Properties();
    out.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    out.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1]);
    out.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, args[3]);
    out.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, args[4]);
    out.put(StreamsConfig.STATE_DIR_CONFIG, args[5]);
    out.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    out.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64 << 20);
    out.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
    out.put(StreamsConfig.METRICS_RECORDING_LEVEL_CONFIG, "INFO");
    out.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, 0);
    out.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    out.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 5_000);
    out.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), 50);
    out.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    out.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
    out.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
    return out;
  }

  public static void main(String[] args) throws InterruptedException {
    String prefix = args[2];
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.String(), ATTEMPTS)
        .withCachingEnabled().withLoggingEnabled(Map.of()));
    builder.stream(java.util.List.of(prefix + ".vpn-client", prefix + ".vpn-concentrator"), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .process(Read::new)
        .repartition(Repartitioned.with(Serdes.String(), FACTS).withName("by-peer").withNumberOfPartitions(4))
        .process(() -> new Join(prefix), STORE)
        .to(args[1] + ".verdicts", Produced.with(Serdes.String(), Serdes.String()));
    KafkaStreams streams = new KafkaStreams(builder.build(properties(args)), properties(args));
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      streams.close(Duration.ofSeconds(20));
      ended.countDown();
    }));
    streams.start();
    while (ended.getCount() > 0) {
      System.out.println(CONSUMED.sum() + " " + TOLD.sum());
      Thread.sleep(100);
    }
  }
}
