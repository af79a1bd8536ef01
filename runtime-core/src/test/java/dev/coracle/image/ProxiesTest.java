package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.http.HttpProxy;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxiesTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "http://a.test/x, plain:3128",
                "https://a.test/x, encrypted:80",
                "https://no.test/x, -",
                "https://below.no.test/x, -",
                "https://noo.test/x, encrypted:80",
                "https://only.test/x, encrypted:80",
                "https://below.only.test/x, -",
                "https://port.test:5000/x, -",
                "https://port.test/x, encrypted:80",
                "https://10.1.2.3/x, -",
                "https://10.2.2.3/x, encrypted:80",
                "https://192.168.0.7/x, -",
                "https://[fd00::7]/x, -",
                "https://localhost:5000/x, -",
                "https://127.9.9.9/x, -",
                "https://[::1]/x, -",
            })
    void theEnvironmentSaysThroughWhat(String address, String proxy) {
        Proxies proxies = Proxies.of(Map.of(
                "http_proxy", "http://u:p@plain:3128/",
                "HTTP_PROXY", "http://not.taken",
                "HTTPS_PROXY", "encrypted",
                "NO_PROXY", "No.test, .only.test port.test:5000,10.1.0.0/16,192.168.0.7,fd00::/8"));
        assertThat(proxies.of(URI.create(address)).map(HttpProxy::toString)).isEqualTo(Optional.ofNullable(proxy));
    }

    @Test
    void theProofIsForTheProxyThatItWasGivenFor() {
        Proxies proxies = Proxies.of(Map.of("HTTP_PROXY", "http://u:p@plain:3128", "HTTPS_PROXY", "http://encrypted"));
        assertThat(proxies.of(URI.create("http://a.test")).map(HttpProxy::proof))
                .contains("Basic dTpw");
        assertThat(proxies.of(URI.create("https://a.test")).map(HttpProxy::proof))
                .contains("");
        assertThat(proxies.of(URI.create("http://localhost"))).isEmpty();
    }

    @Test
    void aStarMeansNone() {
        Proxies proxies = Proxies.of(Map.of("HTTP_PROXY", "http://plain", "NO_PROXY", "*"));
        assertThat(proxies.of(URI.create("http://a.test"))).isEmpty();
    }

    @Test
    void whatIsNoHttpProxyIsRefusedWithoutItsSecret() {
        for (String value : new String[] {"socks5://u:secret@a.test", "https://u:secret@a.test", "http://u:secret@["}) {
            assertThatThrownBy(() -> Proxies.of(Map.of("HTTPS_PROXY", value)))
                    .isInstanceOf(InvalidSpec.class)
                    .hasMessageStartingWith("HTTPS_PROXY: ")
                    .hasMessageNotContaining("secret");
        }
    }
}
