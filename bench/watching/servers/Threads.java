import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** Server-sent events with one thread for each connection, as servers with blocking handlers have them: the JDK's own HttpServer with a pool that grows. */
public class Threads {
  static final Object CHANGED = new Object();
  static long version = 0;
  static byte[] latest = new byte[0];

  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 4096);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", exchange -> {
      exchange.getResponseHeaders().add("content-type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      try (var body = exchange.getResponseBody()) {
        body.write("retry: 1000\n\n".getBytes(StandardCharsets.UTF_8));
        body.flush();
        long seen = version;
        while (true) {
          byte[] event;
          synchronized (CHANGED) {
            while (seen == version) CHANGED.wait();
            seen = version;
            event = latest;
          }
          body.write(event);
          body.flush();
        }
      } catch (InterruptedException ended) {
        Thread.currentThread().interrupt();
      }
    });
    server.start();
    System.out.println("{\"url\":\"http://127.0.0.1:" + server.getAddress().getPort() + "\"}");
    for (int remaining = 1_000_000; ; remaining--) {
      Thread.sleep(250);
      String data = "{\"couponPolicyId\":\"7330011234567890\",\"remaining\":" + remaining + ",\"at\":\"" + System.currentTimeMillis() + "\"}";
      synchronized (CHANGED) {
        version++;
        latest = ("event: stock\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
        CHANGED.notifyAll();
      }
    }
  }
}
