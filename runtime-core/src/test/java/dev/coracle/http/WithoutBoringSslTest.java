package dev.coracle.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsServer;
import dev.coracle.image.TestKeys;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * BoringSSL is not to be had: its library was left out, is another machine's, or would have to be unpacked where nothing may be executed.
 * In a process of its own, as a library that was loaded stays.
 */
class WithoutBoringSslTest {
    @Test
    void javasTlsIsUsedAndTheLogSaysSoOnce() throws Exception {
        TestKeys keys = TestKeys.ofThisMachine();
        HttpsServer first = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        first.setHttpsConfigurator(keys.server());
        first.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 3);
            exchange.getResponseBody().write("one".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        first.start();
        try (Http2Server second = new Http2Server(keys, asked -> {
            asked.head(200);
            asked.content("two".getBytes(StandardCharsets.US_ASCII), 0, 3);
            asked.end();
        })) {
            Process client =
                    fetch("https://127.0.0.1:" + first.getAddress().getPort() + "/", "https://" + second.host() + "/");
            String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(client.waitFor()).as(said).isZero();
            assertThat(said.lines().filter(line -> line.startsWith("came "))).containsExactly("came one", "came two");
            assertThat(said.lines().filter(line -> line.contains("load BoringSSL: ")))
                    .hasSize(1);
        } finally {
            first.stop(0);
        }
    }

    private static Process fetch(String... uris) throws Exception {
        Stream<String> command = Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dio.grpc.netty.shaded.io.netty.handler.ssl.noOpenSsl=true",
                "-cp",
                System.getProperty("java.class.path"),
                Fetching.class.getName());
        return new ProcessBuilder(Stream.concat(command, Stream.of(uris)).toList())
                .redirectErrorStream(true)
                .start();
    }
}
