package dev.coracle.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Everything that can be configured of a runtime handler, by its key in the handler's table. */
enum HandlerSetting {
    PRIVILEGED_WITHOUT_HOST_DEVICES("privileged_without_host_devices", Boolean.class),
    CNI_CONF_DIR("cni_conf_dir", String.class),
    CGROUP_WRITABLE("cgroup_writable", Boolean.class);

    private final String key;
    private final Class<?> type;

    HandlerSetting(String key, Class<?> type) {
        this.key = key;
        this.type = type;
    }

    /** What a value must be: {@code Boolean}, or {@code String} for an absolute path. */
    Class<?> type() {
        return type;
    }

    static Optional<HandlerSetting> ofKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key.equals(key))
                .findFirst();
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(setting -> setting.key).toList();
    }
}
