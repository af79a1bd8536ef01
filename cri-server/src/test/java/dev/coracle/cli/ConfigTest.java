package dev.coracle.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.image.Pins;
import dev.coracle.image.PullLimits;
import dev.coracle.planner.Settings;
import dev.coracle.stream.StreamSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigTest {
    private static final String EVERY_KEY = """
        state = "/a/state"
        run = "/a/run"
        socket = "/a/socket"
        log.level = "debug"
        [cni]
        conf_dir = "/a/conf"
        bin_dir = "/a/bin"
        [images]
        hosts_dir = "/a/hosts"
        max_manifest_size = "64KiB"
        max_layers = 7
        max_layer_size = "3GiB"
        max_layer_entries = 1000
        stall_timeout = "7s"
        pinned = "a/b:1  a/c*"
        [containers]
        pids_limit = 1000
        device_ownership_from_security_context = true
        [stream]
        address = "::1"
        port = 10010
        tls_cert = "/a/cert.pem"
        tls_key = "/a/key.pem"
        idle_timeout = "90s"
        answer_timeout = "20s"
        """;

    @TempDir
    private Path directory;

    @Test
    void recorded_defaults() {
        assertThat(Config.of(Map.of(), Map.of()))
                .isEqualTo(new Config(
                        Path.of("/var/lib/coracle"),
                        Path.of("/run/coracle"),
                        Path.of("/run/coracle/coracle.sock"),
                        Level.INFO,
                        Path.of("/etc/cni/net.d"),
                        Path.of("/opt/cni/bin"),
                        Path.of("/etc/coracle/certs.d"),
                        PullLimits.DEFAULT,
                        Duration.ofSeconds(30),
                        Pins.NONE,
                        Map.of(),
                        new ContainerDefaults(0, false),
                        new StreamSettings(
                                "127.0.0.1", 0, Optional.empty(), Duration.ofHours(4), Duration.ofMinutes(1))));
    }

    @Test
    void a_file_sets_every_key() throws IOException {
        Path file = file(EVERY_KEY);
        Config config = serve("--config", file.toString());
        assertThat(config)
                .isEqualTo(new Config(
                        Path.of("/a/state"),
                        Path.of("/a/run"),
                        Path.of("/a/socket"),
                        Level.FINE,
                        Path.of("/a/conf"),
                        Path.of("/a/bin"),
                        Path.of("/a/hosts"),
                        new PullLimits(64 << 10, 7, 3L << 30, 1000),
                        Duration.ofSeconds(7),
                        new Pins(List.of("a/b:1", "a/c*")),
                        Map.of(),
                        new ContainerDefaults(1000, true),
                        new StreamSettings(
                                "::1",
                                10010,
                                Optional.of(new StreamSettings.Tls(Path.of("/a/cert.pem"), Path.of("/a/key.pem"))),
                                Duration.ofSeconds(90),
                                Duration.ofSeconds(20))));
        assertThat(ConfigFile.read(file).settings()).containsOnlyKeys(Setting.values());
    }

    @Test
    void every_option_wins_over_the_file() throws IOException {
        Path file = file("""
            state = '/a'
            run = '/a'
            socket = '/a'
            images.hosts_dir = '/a'
            cni = { conf_dir = '/a', bin_dir = '/a' }
            """);
        Stream<String> options =
                Setting.withOption().stream().flatMap(setting -> Stream.of(setting.option(), "/b" + setting.option()));
        Config config =
                serve(Stream.concat(Stream.of("--config=" + file), options).toArray(String[]::new));
        assertThat(config)
                .isEqualTo(new Config(
                        Path.of("/b--state"),
                        Path.of("/b--run"),
                        Path.of("/b--socket"),
                        Level.INFO,
                        Path.of("/b--cni-conf-dir"),
                        Path.of("/b--cni-bin-dir"),
                        Path.of("/b--hosts-dir"),
                        PullLimits.DEFAULT,
                        Duration.ofSeconds(30),
                        Pins.NONE,
                        Map.of(),
                        Config.of(Map.of(), Map.of()).containers(),
                        Config.of(Map.of(), Map.of()).streams()));
    }

    @Test
    void the_socket_follows_the_run_directory() {
        assertThat(serve("--run", "/elsewhere").socket()).isEqualTo(Path.of("/elsewhere/coracle.sock"));
    }

    @Test
    void an_unknown_key_is_named_with_its_line_and_the_nearest_one() throws IOException {
        Path file = file("run = '/run'\n[cni]\nconf_dirs = '/x'\n");
        assertThatThrownBy(() -> ConfigFile.read(file))
                .isInstanceOf(UsageError.class)
                .hasMessage(file + ":3: unknown key cni.conf_dirs, did you mean cni.conf_dir?");
    }

    @Test
    void an_unlike_key_gets_no_suggestion() throws IOException {
        Path file = file("snapshotter = 'zfs'\n");
        assertThatThrownBy(() -> ConfigFile.read(file)).hasMessage(file + ":1: unknown key snapshotter");
    }

    @Test
    void every_mistake_is_told_at_once() throws IOException {
        Path file = file("run = 7\nstate = 'relative'\n[log]\nlevel = 'loud'\n[images]\nhosts_dir = ['/a']\n");
        assertThatThrownBy(() -> ConfigFile.read(file))
                .hasMessageContaining(file + ":1: run: expected a string, found an integer")
                .hasMessageContaining(file + ":2: state: not an absolute path: relative")
                .hasMessageContaining(file + ":4: log.level: not one of error, warning, info, debug")
                .hasMessageContaining(file + ":6: images.hosts_dir: expected a string, found an array");
    }

    @Test
    void what_streams_cannot_be_served_with_is_refused() throws IOException {
        Path file = file("[stream]\naddress = ''\nport = 70000\nidle_timeout = 'long'\n");
        assertThatThrownBy(() -> ConfigFile.read(file))
                .hasMessageContaining(file + ":2: stream.address: empty")
                .hasMessageContaining(file + ":3: stream.port: not between 0 and 65535: 70000")
                .hasMessageContaining(file + ":4: stream.idle_timeout: not a time such as 4h, 30m or 90s: long");
        Path half = file("stream.tls_cert = '/a'\n");
        assertThatThrownBy(() -> serve("--config", half.toString()))
                .hasMessage("stream.tls_cert and stream.tls_key need each other");
    }

    @Test
    void what_is_said_of_containers_holds_for_every_handler() throws IOException {
        Path file = file("""
            [containers]
            pids_limit = 7
            device_ownership_from_security_context = true
            [handlers.guarded]
            privileged_without_host_devices = true
            """);
        Config config = serve("--config", file.toString());
        for (String handler : List.of("", "guarded")) {
            Settings settings = config.planHandlers().named(handler).orElseThrow();
            assertThat(settings.pidsLimit()).as(handler).isEqualTo(7);
            assertThat(settings.deviceOwnership()).as(handler).isTrue();
        }
        Path wrong = file("[containers]\npids_limit = -1\ndevice_ownership_from_security_context = 1\n");
        assertThatThrownBy(() -> ConfigFile.read(wrong))
                .hasMessageContaining(wrong + ":2: containers.pids_limit: not between 0 and 4194304: -1")
                .hasMessageContaining(
                        ":3: containers.device_ownership_from_security_context: expected true or false, found an"
                                + " integer");
    }

    @Test
    void what_is_not_toml_is_named_with_its_line() throws IOException {
        Path file = file("run = '/run'\nstate /x\n");
        assertThatThrownBy(() -> ConfigFile.read(file))
                .isInstanceOf(UsageError.class)
                .hasMessageStartingWith(file + ":2: ");
    }

    @Test
    void a_table_in_the_place_of_a_key_is_an_unknown_key() throws IOException {
        Path file = file("[run]\ndir = '/run'\n");
        assertThatThrownBy(() -> ConfigFile.read(file)).hasMessageContaining("unknown key run.dir");
    }

    @Test
    void a_file_that_was_named_must_exist() {
        assertThatThrownBy(() -> serve("--config", "/nowhere/coracle.toml"))
                .hasMessage("/nowhere/coracle.toml: no such file");
    }

    @Test
    void keys_and_options_are_told_apart() {
        assertThat(Stream.of(Setting.values()).map(Setting::key)).doesNotHaveDuplicates();
        assertThat(Setting.withOption().stream().map(Setting::option)).doesNotHaveDuplicates();
    }

    @Test
    void handlers_are_tables_and_an_empty_one_is_like_the_default_one() throws IOException {
        Path file = file("""
            [handlers.test-handler]
            [handlers.guarded]
            privileged_without_host_devices = true
            [handlers.special]
            cni_conf_dir = "/etc/cni/special"
            cgroup_writable = true
            """);
        Config config = serve("--config", file.toString());
        assertThat(config.handlers())
                .containsOnly(
                        Map.entry("test-handler", new HandlerConfig(false, Optional.empty(), false)),
                        Map.entry("guarded", new HandlerConfig(true, Optional.empty(), false)),
                        Map.entry("special", new HandlerConfig(false, Optional.of(Path.of("/etc/cni/special")), true)));
        assertThat(config.planHandlers().names()).containsExactly("", "guarded", "special", "test-handler");
        assertThat(config.planHandlers().named("test-handler")).contains(Settings.DEFAULT);
        assertThat(config.planHandlers().named("guarded").orElseThrow().privilegedHostDevices())
                .isFalse();
        assertThat(config.planHandlers().named("special").orElseThrow().cgroupWritable())
                .isTrue();
        assertThat(config.handlerCniConfDirs()).containsOnly(Map.entry("special", Path.of("/etc/cni/special")));
    }

    @Test
    void every_mistake_of_a_handler_is_named() throws IOException {
        Path file = file("""
            [handlers.a]
            cgroup_writeable = true
            cni_conf_dir = "relative"
            privileged_without_host_devices = "yes"
            [handlers."Upper.Case"]
            [handlers]
            b = 1
            """);
        assertThatThrownBy(() -> ConfigFile.read(file))
                .hasMessageContaining(
                        file + ":2: unknown key handlers.a.cgroup_writeable, did you mean cgroup_writable?")
                .hasMessageContaining(file + ":3: handlers.a.cni_conf_dir: not an absolute path: relative")
                .hasMessageContaining(file + ":4: handlers.a.privileged_without_host_devices: expected true or false")
                .hasMessageContaining(file + ":5: handlers.Upper.Case: not a name")
                .hasMessageContaining(file + ":7: handlers.b: expected a table");
    }

    private static Config serve(String... arguments) {
        Set<String> known = Stream.concat(
                        Stream.of(Config.FILE_OPTION),
                        Setting.withOption().stream().map(Setting::option))
                .collect(Collectors.toSet());
        return Config.of(Arguments.parse(List.of(arguments), known));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("coracle.toml"), text);
    }
}
