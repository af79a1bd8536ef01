package dev.coracle.cli;

import dev.coracle.image.Pins;
import dev.coracle.image.PullLimits;
import dev.coracle.planner.Handlers;
import dev.coracle.planner.Settings;
import dev.coracle.stream.StreamSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a daemon is configured; {@link Setting} says what each part is. Options win over the file, the file over the
 * defaults. No file is needed.
 */
record Config(
        Path state,
        Path run,
        Path socket,
        Level logLevel,
        Path cniConfDir,
        Path cniBinDir,
        Path hostsDir,
        PullLimits pullLimits,
        Duration stallTimeout,
        Pins pins,
        Map<String, HandlerConfig> handlers,
        ContainerDefaults containers,
        StreamSettings streams) {
    static final String FILE_OPTION = "--config";

    /** Read if it exists and no other is named. */
    static final Path FILE = Path.of("/etc/coracle/coracle.toml");

    private static final Pattern DURATION = Pattern.compile("\\d{1,6}[hms]");
    private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,5})([KMGT])iB");
    private static final String SOCKET_NAME = "coracle.sock";

    /**
     * @throws UsageError if the file or an option is wrong
     */
    static Config of(Arguments arguments) {
        Map<Setting, String> values = new EnumMap<>(Setting.class);
        Optional<Path> named = arguments.option(FILE_OPTION).map(Path::of);
        Map<String, HandlerConfig> handlers = Map.of();
        if (named.isPresent() || Files.exists(FILE)) {
            ConfigFile file = ConfigFile.read(named.orElse(FILE));
            values.putAll(file.settings());
            handlers = file.handlers();
        }
        for (Setting setting : Setting.withOption()) {
            arguments.option(setting.option()).ifPresent(value -> values.put(setting, option(setting, value)));
        }
        return of(values, handlers);
    }

    /** What is missing in {@code values} has its default. */
    static Config of(Map<Setting, String> values, Map<String, HandlerConfig> handlers) {
        Path run = path(values, Setting.RUN);
        String socket = values.getOrDefault(Setting.SOCKET, "");
        return new Config(
                path(values, Setting.STATE),
                run,
                socket.isEmpty() ? run.resolve(SOCKET_NAME) : Path.of(socket),
                Logs.level(values.getOrDefault(Setting.LOG_LEVEL, Setting.LOG_LEVEL.byDefault())),
                path(values, Setting.CNI_CONF_DIR),
                path(values, Setting.CNI_BIN_DIR),
                path(values, Setting.HOSTS_DIR),
                pullLimits(values),
                duration(text(values, Setting.STALL_TIMEOUT)).orElseThrow(),
                Pins.of(text(values, Setting.PINNED)),
                handlers,
                new ContainerDefaults(
                        Long.parseLong(text(values, Setting.CONTAINERS_PIDS_LIMIT)),
                        Boolean.parseBoolean(text(values, Setting.CONTAINERS_DEVICE_OWNERSHIP))),
                streams(values));
    }

    Config {
        handlers = Map.copyOf(handlers);
    }

    /** How each handler runs its pods, the default one among them. */
    Handlers planHandlers() {
        Map<String, Settings> all = new HashMap<>();
        all.put(Handlers.DEFAULT_NAME, containers.in(Settings.DEFAULT));
        handlers.forEach((name, handler) -> all.put(name, containers.in(handler.settings())));
        return new Handlers(all);
    }

    /** Where handlers have their network configurations that have their own. */
    Map<String, Path> handlerCniConfDirs() {
        Map<String, Path> directories = new HashMap<>();
        handlers.forEach((name, handler) -> handler.cniConfDir().ifPresent(path -> directories.put(name, path)));
        return directories;
    }

    private static StreamSettings streams(Map<Setting, String> values) {
        String certificate = text(values, Setting.STREAM_TLS_CERT);
        String key = text(values, Setting.STREAM_TLS_KEY);
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new UsageError("stream.tls_cert and stream.tls_key need each other");
        }
        return new StreamSettings(
                text(values, Setting.STREAM_ADDRESS),
                Integer.parseInt(text(values, Setting.STREAM_PORT)),
                certificate.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new StreamSettings.Tls(Path.of(certificate), Path.of(key))),
                duration(text(values, Setting.STREAM_IDLE_TIMEOUT)).orElseThrow(),
                duration(text(values, Setting.STREAM_ANSWER_TIMEOUT)).orElseThrow());
    }

    /** Empty if it is no time as {@link Setting.Kind#DURATION} has them. */
    static Optional<Duration> duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        return matcher.matches()
                ? Optional.of(Duration.parse("PT" + matcher.group())).filter(Duration::isPositive)
                : Optional.empty();
    }

    private static PullLimits pullLimits(Map<Setting, String> values) {
        return new PullLimits(
                Math.min(
                        Integer.MAX_VALUE / 2,
                        bytes(text(values, Setting.MAX_MANIFEST_SIZE)).orElseThrow()),
                Integer.parseInt(text(values, Setting.MAX_LAYERS)),
                bytes(text(values, Setting.MAX_LAYER_SIZE)).orElseThrow(),
                Long.parseLong(text(values, Setting.MAX_LAYER_ENTRIES)));
    }

    /** Empty if it is no size as {@link Setting.Kind#SIZE} has them. */
    static Optional<Long> bytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        return matcher.matches()
                ? Optional.of(Long.parseLong(matcher.group(1)) << (10 * (1 + "KMGT".indexOf(matcher.group(2)))))
                : Optional.empty();
    }

    private static String text(Map<Setting, String> values, Setting setting) {
        return values.getOrDefault(setting, setting.byDefault());
    }

    private static Path path(Map<Setting, String> values, Setting setting) {
        return Path.of(values.getOrDefault(setting, setting.byDefault()));
    }

    /** Paths in options may be relative, as people type them. */
    private static String option(Setting setting, String value) {
        if (value.isEmpty()) {
            throw new UsageError("option " + setting.option() + " is empty");
        }
        return Path.of(value).toAbsolutePath().normalize().toString();
    }
}
