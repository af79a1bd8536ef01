package dev.coracle.e2e.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.Layer.Attributes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

final class OciImageTest {

    private static OciImage image() {
        Layer layer = new Layer()
                .dir("d", Attributes.mode(01777).owner(3_000_000, 5))
                .file("d/f", "text\n")
                .xattr("user.a", "b")
                .hardlink("d/h", "d/f")
                .whiteout("d/gone")
                .opaque("d");
        return OciImage.of(List.of(layer), "Cmd", List.of("/x"), "Env", List.of("A=\"1\"\n"));
    }

    @Test
    void sameContentHasTheSameDigestAlways() {
        String digest = image().pack().manifest().digest();
        assertThat(image().pack().manifest().digest()).isEqualTo(digest);
        assertThat(image().with("Cmd", List.of("/y")).pack().manifest().digest())
                .isNotEqualTo(digest);
        assertThat(image().compressed(Compression.ZSTD).pack().manifest().digest())
                .isNotEqualTo(digest);
    }

    @Test
    void layersAreWhatWasGiven() throws IOException {
        Map<String, TarArchiveEntry> entries = new LinkedHashMap<>();
        byte[] tar = image().layers().getFirst().tar();
        try (var in = new TarArchiveInputStream(new ByteArrayInputStream(tar), "UTF-8")) {
            for (TarArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
                entries.put(e.getName(), e);
            }
        }
        assertThat(entries.keySet()).containsExactly("d/", "d/f", "d/h", "d/.wh.gone", "d/.wh..wh..opq");
        assertThat(entries).hasEntrySatisfying("d/", e -> {
            assertThat(e.getMode() & 07777).isEqualTo(01777);
            assertThat(e.getLongUserId()).isEqualTo(3_000_000);
        });
        assertThat(entries)
                .hasEntrySatisfying("d/h", e -> assertThat(e.getLinkName()).isEqualTo("d/f"));
        assertThat(entries)
                .hasEntrySatisfying(
                        "d/f", e -> assertThat(e.getExtraPaxHeaders()).containsEntry("SCHILY.xattr.user.a", "b"));
    }

    @Test
    void configurationIsJson() {
        String json = new String(image().pack().blobs().getLast().bytes(), StandardCharsets.UTF_8);
        assertThat(json)
                .startsWith(
                        "{\"architecture\":\"amd64\",\"config\":{\"Cmd\":[\"/x\"],\"Env\":[\"A=\\\"1\\\"\\u000a\"]}");
    }
}
