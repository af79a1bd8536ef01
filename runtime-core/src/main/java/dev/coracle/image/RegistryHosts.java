package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * Which servers have a registry's images, from files in containerd's layout: {@code DIRECTORY/HOST/hosts.toml}, or {@code
 * HOST_PORT_} for the directory's name, or {@code _default} for every registry without one of its own. Read anew for each pull.
 */
final class RegistryHosts {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m)");

    private static final Logger LOG = LoggerFactory.getLogger(RegistryHosts.class);

    private final @Nullable Path directory;
    private final UnknownKeys unknownKeys;

    /** @param directory null where every registry is reached directly */
    RegistryHosts(@Nullable Path directory) {
        this(directory, LOG::warn);
    }

    /** @param warn told of what is in a file and means nothing */
    RegistryHosts(@Nullable Path directory, Consumer<String> warn) {
        this.directory = directory;
        this.unknownKeys = new UnknownKeys(warn);
    }

    /**
     * The servers to ask for images of a registry, in this order; the last one is the registry itself.
     *
     * @throws Unavailable if the registry's file cannot be understood; the message names file and key
     */
    List<RegistryHost> of(String domain) {
        RegistryHost upstream = RegistryHost.upstream(domain);
        Optional<Path> file = file(domain);
        if (file.isEmpty()) {
            return List.of(upstream);
        }
        try {
            byte[] content = Files.readAllBytes(file.get());
            TomlParseResult root = Toml.parse(new String(content, StandardCharsets.UTF_8));
            if (root.hasErrors()) {
                throw new IllegalArgumentException(root.errors().getFirst().toString());
            }
            unknownKeys.tell(file.get(), content, root);
            return hosts(root, domain, upstream, file.get().resolveSibling("."));
        } catch (IOException | RuntimeException e) {
            throw new Unavailable("read " + file.get(), String.valueOf(e.getMessage()), e);
        }
    }

    private Optional<Path> file(String domain) {
        if (directory == null) {
            return Optional.empty();
        }
        Path root = directory;
        String underscored = domain.replaceFirst(":(\\d+)$", "_$1_");
        return List.of(underscored, domain, "_default").stream()
                .map(name -> root.resolve(name).resolve("hosts.toml"))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static List<RegistryHost> hosts(TomlTable root, String domain, RegistryHost upstream, Path folder) {
        List<RegistryHost> hosts = new ArrayList<>();
        TomlTable mirrors = root.getTable("host");
        if (mirrors != null) {
            Comparator<String> inTheFile = Comparator.comparingInt(
                            (String url) -> position(mirrors, url).line())
                    .thenComparingInt(url -> position(mirrors, url).column());
            mirrors.keySet().stream()
                    .sorted(inTheFile)
                    .map(url -> host(url, table(mirrors, url), domain, folder))
                    .forEach(hosts::add);
        }
        String server = root.getString("server", () -> "");
        RegistryHost last = host(server.isEmpty() ? upstream.base().toString() : server, root, domain, folder);
        hosts.add(new RegistryHost(last.base(), true, true, last.tls(), last.headers(), last.dialTimeout(), null));
        return hosts;
    }

    private static RegistryHost host(String url, TomlTable table, String domain, Path folder) {
        List<String> capabilities = strings(table.getArray("capabilities"));
        return new RegistryHost(
                base(url, table.getBoolean("override_path", () -> false)),
                capabilities.isEmpty() || capabilities.contains("resolve"),
                capabilities.isEmpty() || capabilities.contains("pull"),
                new TlsSettings(
                        table.getBoolean("skip_verify", () -> false),
                        strings(table.get("ca")).stream().map(folder::resolve).toList(),
                        clients(table.get("client"), folder)),
                headers(table.getTable("header")),
                duration(table.getString("dial_timeout", () -> "")),
                domain);
    }

    /** The path gets {@code /v2} at its end, unless it is to be taken as it stands. */
    private static URI base(String url, boolean asItStands) {
        String full = url.contains("://") ? url : "https://" + url;
        full = full.replaceFirst("/+$", "");
        if (!asItStands && !full.endsWith("/v2")) {
            full += "/v2";
        }
        try {
            URI base = new URI(full);
            boolean web = "http".equals(base.getScheme()) || "https".equals(base.getScheme());
            if (!web || base.getHost() == null || base.getUserInfo() != null) {
                throw new IllegalArgumentException(url + " is not an http or https address of a host");
            }
            return base;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(url + " is not an address", e);
        }
    }

    private static Map<String, List<String>> headers(@Nullable TomlTable table) {
        Map<String, List<String>> headers = new HashMap<>();
        if (table != null) {
            table.keySet().forEach(name -> headers.put(name, strings(table.get(List.of(name)))));
        }
        return headers;
    }

    /** A text, or an array of texts. */
    private static List<String> strings(@Nullable Object value) {
        return switch (value) {
            case null -> List.of();
            case String text -> List.of(text);
            case TomlArray array ->
                array.toList().stream().map(String.class::cast).toList();
            default -> throw new IllegalArgumentException(value + " is neither a text nor a list of texts");
        };
    }

    /** A file of certificate and key, a list of such files, or a list of pairs of a certificate's file and its key's. */
    private static List<TlsSettings.ClientPair> clients(@Nullable Object value, Path folder) {
        if (value instanceof TomlArray array && !array.isEmpty() && array.get(0) instanceof TomlArray) {
            return array.toList().stream()
                    .map(entry -> pair(strings(entry), folder))
                    .toList();
        }
        return strings(value).stream()
                .map(folder::resolve)
                .map(file -> new TlsSettings.ClientPair(file, file))
                .toList();
    }

    private static TlsSettings.ClientPair pair(List<String> files, Path folder) {
        if (files.isEmpty() || files.size() > 2) {
            throw new IllegalArgumentException("client: " + files + " is not a certificate and its key");
        }
        return new TlsSettings.ClientPair(folder.resolve(files.getFirst()), folder.resolve(files.getLast()));
    }

    private static Duration duration(String text) {
        if (text.isEmpty()) {
            return RegistryHost.DEFAULT_DIAL_TIMEOUT;
        }
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("dial_timeout: " + text + " is not a duration such as 500ms, 5s or 1m");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            default -> Duration.ofMinutes(number);
        };
    }

    private static TomlTable table(TomlTable mirrors, String url) {
        TomlTable table = mirrors.getTable(List.of(url));
        if (table == null) {
            throw new IllegalArgumentException("host." + url + " is not a table");
        }
        return table;
    }

    private static TomlPosition position(TomlTable mirrors, String url) {
        TomlPosition position = mirrors.inputPositionOf(List.of(url));
        if (position == null) {
            throw new IllegalArgumentException("host." + url + " is not in the file");
        }
        return position;
    }
}
