package dev.coracle.cdi;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.ContainerSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A device as a request names it.
 *
 * @param field where in the request
 * @param name {@code vendor/class=device}
 */
record DeviceName(String field, String name) {
    private static final String ANNOTATIONS = "cdi.k8s.io/";
    private static final String WORD = "[A-Za-z]([-._A-Za-z0-9]*[A-Za-z0-9])?";
    static final Pattern KIND = Pattern.compile(WORD + "/" + WORD);
    static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9]([-._:A-Za-z0-9]*[A-Za-z0-9])?");

    /**
     * Those of the spec, then those of its annotations that are not among them.
     *
     * @throws InvalidSpec if one is no name of a device
     */
    static List<DeviceName> of(ContainerSpec spec) {
        List<DeviceName> names = new ArrayList<>();
        Set<String> seen = new LinkedHashSet<>();
        for (int i = 0; i < spec.cdiDevices().size(); i++) {
            add(
                    names,
                    seen,
                    new DeviceName(
                            "config.CDI_devices[" + i + "].name",
                            spec.cdiDevices().get(i)));
        }
        new TreeMap<>(spec.annotations()).tailMap(ANNOTATIONS).forEach((key, value) -> {
            if (key.startsWith(ANNOTATIONS)) {
                for (String name : value.split(",", -1)) {
                    add(names, seen, new DeviceName("config.annotations[" + key + "]", name));
                }
            }
        });
        return names;
    }

    private static void add(List<DeviceName> names, Set<String> seen, DeviceName name) {
        String[] parts = name.name.split("=", 2);
        boolean valid = parts.length == 2
                && KIND.matcher(parts[0]).matches()
                && DEVICE.matcher(parts[1]).matches();
        if (!valid) {
            throw new InvalidSpec(name.field, "\"" + name.name + "\" is not of the form vendor/class=device");
        }
        if (seen.add(name.name)) {
            names.add(name);
        }
    }
}
