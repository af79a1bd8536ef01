package dev.coracle.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Everything that can be configured: its key in the file, its kind, its default, and its option if it has one. */
enum Setting {
    STATE("state", Kind.PATH, "/var/lib/coracle", "--state", "images and what outlives a reboot"),
    RUN("run", Kind.PATH, "/run/coracle", "--run", "records and sockets of pods; on a tmpfs"),
    SOCKET("socket", Kind.PATH, "", "--socket", "where CRI is served; coracle.sock in the run directory if empty"),
    LOG_LEVEL("log.level", Kind.LEVEL, "info", "", "error, warning, info or debug"),
    CNI_CONF_DIR("cni.conf_dir", Kind.PATH, "/etc/cni/net.d", "--cni-conf-dir", "network configurations"),
    CNI_BIN_DIR("cni.bin_dir", Kind.PATH, "/opt/cni/bin", "--cni-bin-dir", "network plugins"),
    HOSTS_DIR("images.hosts_dir", Kind.PATH, "/etc/coracle/certs.d", "--hosts-dir", "registries, as HOST/hosts.toml"),
    MAX_MANIFEST_SIZE("images.max_manifest_size", Kind.SIZE, "4MiB", "", "of a manifest or configuration"),
    MAX_LAYERS("images.max_layers", Kind.COUNT, "400", "", "of an image"),
    MAX_LAYER_SIZE("images.max_layer_size", Kind.SIZE, "256GiB", "", "of a layer, unpacked"),
    MAX_LAYER_ENTRIES("images.max_layer_entries", Kind.COUNT, "20000000", "", "files and directories of a layer"),
    STALL_TIMEOUT("images.stall_timeout", Kind.DURATION, "30s", "", "when a registry that brings nothing is given up"),
    CONTAINERS_PIDS_LIMIT(
            "containers.pids_limit", Kind.PIDS, "0", "", "processes and threads of one; 0 for any number"),
    CONTAINERS_DEVICE_OWNERSHIP(
            "containers.device_ownership_from_security_context", Kind.SWITCH, "false", "", "whose a given device is"),
    PINNED("images.pinned", Kind.NAMES, "", "", "names of images that a kubelet must not collect"),
    STREAM_ADDRESS("stream.address", Kind.TEXT, "127.0.0.1", "", "where exec, attach and port forwarding are served"),
    STREAM_PORT("stream.port", Kind.PORT, "0", "", "the TCP port of that; 0 for any"),
    STREAM_TLS_CERT("stream.tls_cert", Kind.PATH, "", "", "a certificate in PEM, for TLS; none for plain HTTP"),
    STREAM_TLS_KEY("stream.tls_key", Kind.PATH, "", "", "its key in PEM, PKCS #8"),
    STREAM_IDLE_TIMEOUT("stream.idle_timeout", Kind.DURATION, "4h", "", "when a silent stream is closed"),
    STREAM_ANSWER_TIMEOUT(
            "stream.answer_timeout", Kind.DURATION, "1m", "", "when a client that is not there is given up");

    /** The most processes that a kernel has numbers for, and that {@code pids.max} takes. */
    static final int PIDS_MAX = 4 << 20;

    /** What values a setting takes. */
    enum Kind {
        /** An absolute path, or empty. */
        PATH,
        /** A word of {@link Logs#LEVELS}. */
        LEVEL,
        /** Any text but none. */
        TEXT,
        /** 0 to 65535, an integer in the file. */
        PORT,
        /** Any number of names, with blanks between them. */
        NAMES,
        /** From 1 up, an integer in the file. */
        COUNT,
        /** A number of bytes from 1 up with its unit: {@code 64KiB}, {@code 4MiB}, {@code 256GiB}. */
        SIZE,
        /** 0 to {@link Setting#PIDS_MAX}, an integer in the file. */
        PIDS,
        /** True or false, a boolean in the file. */
        SWITCH,
        /** A number of hours, minutes or seconds, above 0: {@code 4h}, {@code 30m}, {@code 90s}. */
        DURATION
    }

    private final String key;
    private final Kind kind;
    private final String byDefault;
    private final String option;
    private final String help;

    Setting(String key, Kind kind, String byDefault, String option, String help) {
        this.key = key;
        this.kind = kind;
        this.byDefault = byDefault;
        this.option = option;
        this.help = help;
    }

    String key() {
        return key;
    }

    Kind kind() {
        return kind;
    }

    /** What holds without a file and without an option. */
    String byDefault() {
        return byDefault;
    }

    /** With its dashes; empty when it can only be set in the file. */
    String option() {
        return option;
    }

    /** A few words for the help text. */
    String help() {
        return help;
    }

    static Optional<Setting> ofKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key.equals(key))
                .findFirst();
    }

    /** Those that have an option, in order. */
    static List<Setting> withOption() {
        return Arrays.stream(values())
                .filter(setting -> !setting.option.isEmpty())
                .toList();
    }
}
