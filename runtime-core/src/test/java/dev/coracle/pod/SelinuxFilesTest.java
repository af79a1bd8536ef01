package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.linux.Linux;
import dev.coracle.planner.SelinuxPolicy;
import dev.coracle.spec.SelinuxLabel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of SELinux is read from and written to files. No kernel has to have it: labels are attributes like others, for root. */
final class SelinuxFilesTest {
    private static final SelinuxLabel LABEL = SelinuxLabel.parse("system_u:object_r:container_file_t:s0:c1,c2");

    @TempDir
    private Path scratch;

    private Path root;

    @BeforeEach
    void node() throws IOException {
        root = Files.createDirectory(scratch.resolve("node"));
    }

    private static String label(Path file) throws IOException {
        return new Linux()
                .lgetxattr(file.toString(), "security.selinux")
                .map(value -> new String(value, StandardCharsets.UTF_8))
                .orElse("");
    }

    private void write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    @Test
    void aTreeIsLabelledAndWhatItsLinksLeadToIsNot() throws IOException {
        Path volume = Files.createDirectories(root.resolve("volume"));
        Path outside = Files.writeString(root.resolve("outside"), "x");
        write("volume/a/b/file", "x");
        Files.createSymbolicLink(volume.resolve("a/link"), outside);
        Files.createSymbolicLink(volume.resolve("up"), root);
        byte[] name = {'n', (byte) 0xe4, 'm', 'e', '%', ' '};
        new Linux(StandardCharsets.ISO_8859_1)
                .openat(
                        null,
                        volume + "/" + new String(name, StandardCharsets.ISO_8859_1),
                        Linux.O_CREAT | Linux.O_WRONLY,
                        0600)
                .close();

        new Selinux().relabel(volume, LABEL);

        assertThat(label(volume)).isEqualTo(LABEL.text());
        assertThat(label(volume.resolve("a/b/file"))).isEqualTo(LABEL.text());
        assertThat(label(volume.resolve("a/link"))).isEqualTo(LABEL.text());
        assertThat(label(outside)).isEmpty();
        assertThat(label(root)).isEmpty();
        assertThat(new Linux(StandardCharsets.ISO_8859_1)
                        .lgetxattr(volume + "/" + new String(name, StandardCharsets.ISO_8859_1), "security.selinux"))
                .as("a name that is not UTF-8")
                .isPresent();
    }

    @Test
    void aSingleFileIsLabelled() throws IOException {
        write("file", "x");
        new Selinux().relabel(root.resolve("file"), LABEL);
        assertThat(label(root.resolve("file"))).isEqualTo(LABEL.text());
    }

    @Test
    void theStateDirectoryIsLabelledDownToWhereLayersAreMade() throws IOException {
        Path state = Files.createDirectories(root.resolve("state"));
        Path outside = Files.createDirectories(root.resolve("outside"));
        write("state/images/layers/one/layer.json", "x");
        Files.createSymbolicLink(state.resolve("link"), outside);

        new Selinux().labelState(state, LABEL);

        for (String directory : new String[] {"", "images", "images/layers"}) {
            assertThat(label(state.resolve(directory))).as("/" + directory).isEqualTo(LABEL.text());
        }
        assertThat(label(state.resolve("images/layers/one"))).isEmpty();
        assertThat(label(outside)).isEmpty();
        new Selinux().labelState(outside, SelinuxLabel.NONE);
        assertThat(label(outside)).isEmpty();
    }

    @Test
    void whatIsNotThereFails() {
        assertThatThrownBy(() -> new Selinux().relabel(root.resolve("absent"), LABEL))
                .hasMessageContaining("ENOENT");
    }

    @Test
    void labelsAreWhatThePolicySaysOfContainers() throws IOException {
        assertThat(SelinuxProbe.look(root)).as("no SELinux").isEqualTo(SelinuxPolicy.OFF);
        write("sys/fs/selinux/enforce", "0");
        assertThat(SelinuxProbe.look(root).enabled()).isTrue();
        assertThat(SelinuxProbe.look(root).labels()).isFalse();
        write("etc/selinux/config", "# SELINUXTYPE=no\nSELINUX=enforcing\nSELINUXTYPE=default\n");
        write("etc/selinux/default/contexts/lxc_contexts", """
            process = "system_u:system_r:container_t:s0"
            content = "system_u:object_r:virt_var_lib_t:s0"
            file = "system_u:object_r:container_file_t:s0"
            ro_file="system_u:object_r:container_ro_file_t:s0"
            """);
        SelinuxPolicy policy = SelinuxProbe.look(root);
        assertThat(policy.process().text()).isEqualTo("system_u:system_r:container_t:s0");
        assertThat(policy.files().text()).isEqualTo("system_u:object_r:container_file_t:s0");
        assertThat(policy.stored().text()).isEqualTo("system_u:object_r:container_ro_file_t:s0");
        write("usr/share/containers/selinux/contexts", "process = u:r:t\nfile = u:object_r:f\n");
        assertThat(SelinuxProbe.look(root).process()).isEqualTo(new SelinuxLabel("u", "r", "t", ""));
        assertThat(SelinuxProbe.look(root).stored()).isEqualTo(SelinuxLabel.NONE);
    }
}
