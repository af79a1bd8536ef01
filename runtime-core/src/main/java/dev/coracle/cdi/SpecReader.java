package dev.coracle.cdi;

import dev.coracle.spec.ContainerEdits;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads specification files, JSON or YAML: the one is a part of the other. Versions up to 1.x. */
final class SpecReader {
    private static final Pattern VERSION = Pattern.compile("v?([0-9]+)\\.([0-9]+)(\\.[0-9]+.*)?");
    private static final int GREATEST_MAJOR = 1;
    private static final int CODE_POINTS = 3 << 20;

    private SpecReader() {}

    static SpecFile read(Path path, int priority, String text) throws MalformedSpec {
        Fields file = new Fields("", parse(text));
        version(file);
        String kind = file.required("kind");
        if (!DeviceName.KIND.matcher(kind).matches()) {
            throw file.wrong("kind", "is not of the form vendor/class: " + kind);
        }
        var _ = file.value("annotations");
        ContainerEdits edits = file.has("containerEdits")
                ? EditsReader.read(new Fields("containerEdits", file.value("containerEdits")))
                : ContainerEdits.NONE;
        var _ = file.value("containerEdits");
        Map<String, ContainerEdits> devices = devices(file);
        file.end();
        return new SpecFile(path, priority, kind, edits, devices);
    }

    private static Object parse(String text) throws MalformedSpec {
        try {
            LoadSettings settings = LoadSettings.builder()
                    .setCodePointLimit(CODE_POINTS)
                    .setAllowDuplicateKeys(false)
                    .build();
            return Optional.ofNullable(new Load(settings).loadFromString(text))
                    .orElseThrow(() -> new MalformedSpec("the file is empty"));
        } catch (YamlEngineException e) {
            throw new MalformedSpec("is neither JSON nor YAML: "
                    + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
        }
    }

    private static void version(Fields file) throws MalformedSpec {
        String version = file.required("cdiVersion");
        Matcher parts = VERSION.matcher(version);
        if (!parts.matches() || Integer.parseInt(parts.group(1)) > GREATEST_MAJOR) {
            throw file.wrong("cdiVersion", "is not a version up to 1: " + version);
        }
    }

    private static Map<String, ContainerEdits> devices(Fields file) throws MalformedSpec {
        Map<String, ContainerEdits> devices = new HashMap<>();
        for (Fields device : file.objects("devices")) {
            String name = device.required("name");
            if (!DeviceName.DEVICE.matcher(name).matches()) {
                throw device.wrong("name", "is not the name of a device: " + name);
            }
            var _ = device.value("annotations");
            String at = device.path("containerEdits");
            ContainerEdits edits = EditsReader.read(new Fields(at, device.value("containerEdits")));
            device.end();
            if (devices.put(name, edits) != null) {
                throw device.wrong("name", "is there twice: " + name);
            }
        }
        if (devices.isEmpty()) {
            throw file.wrong("devices", "is empty");
        }
        return devices;
    }
}
