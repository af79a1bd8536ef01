package dev.coracle.cdi;

import dev.coracle.spec.ContainerEdits;
import dev.coracle.spec.DeviceNode;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.Hook;
import dev.coracle.spec.MountSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code containerEdits} of a specification file. What Coracle cannot do is an error, never left out. */
final class EditsReader {
    private static final long MAX_ID = 0xffff_fffeL;
    private static final long MAX_DEVICE_NUMBER = (1 << 20) - 1;
    private static final long MAX_TIMEOUT = 3600;
    private static final Map<String, Hook.Stage> STAGES = Map.of(
            "prestart", Hook.Stage.PRESTART,
            "createRuntime", Hook.Stage.CREATE_RUNTIME,
            "createContainer", Hook.Stage.CREATE_CONTAINER,
            "startContainer", Hook.Stage.START_CONTAINER,
            "poststart", Hook.Stage.POSTSTART,
            "poststop", Hook.Stage.POSTSTOP);

    private EditsReader() {}

    static ContainerEdits read(Fields edits) throws MalformedSpec {
        ContainerEdits read =
                new ContainerEdits(environment(edits), devices(edits), mounts(edits), hooks(edits), groups(edits));
        if (edits.has("intelRdt")) {
            throw edits.wrong("intelRdt", "is not supported");
        }
        edits.end();
        return read;
    }

    private static List<EnvVar> environment(Fields fields) throws MalformedSpec {
        List<EnvVar> variables = new ArrayList<>();
        for (String text : fields.texts("env")) {
            int equals = text.indexOf('=');
            if (equals <= 0) {
                throw fields.wrong("env", "holds what is not NAME=VALUE: " + text);
            }
            variables.add(new EnvVar(text.substring(0, equals), text.substring(equals + 1)));
        }
        return variables;
    }

    private static List<DeviceNode> devices(Fields edits) throws MalformedSpec {
        List<DeviceNode> nodes = new ArrayList<>();
        for (Fields node : edits.objects("deviceNodes")) {
            nodes.add(device(node));
            node.end();
        }
        return nodes;
    }

    private static DeviceNode device(Fields node) throws MalformedSpec {
        String path = node.absolute("path");
        String type = node.text("type");
        if (!Set.of("", "b", "c", "u").contains(type)) {
            throw node.wrong("type", "is not one of b, c, u: " + type);
        }
        String permissions = node.text("permissions");
        if (!permissions.chars().allMatch(c -> "rwm".indexOf(c) >= 0)) {
            throw node.wrong("permissions", "are not of the letters r, w, m: " + permissions);
        }
        Long major = node.number("major", MAX_DEVICE_NUMBER);
        Long minor = node.number("minor", MAX_DEVICE_NUMBER);
        boolean numbered = !type.isEmpty() && major != null && major != 0;
        return new DeviceNode(
                path,
                node.has("hostPath") ? node.absolute("hostPath") : path,
                type.equals("u") ? "c" : type,
                numbered ? integer(major) : null,
                numbered ? integer(Objects.requireNonNullElse(minor, 0L)) : null,
                integer(node.number("fileMode", 07777)),
                permissions.isEmpty() ? "rwm" : permissions,
                node.number("uid", MAX_ID),
                node.number("gid", MAX_ID));
    }

    private static @Nullable Integer integer(@Nullable Long number) {
        return number == null ? null : number.intValue();
    }

    private static List<MountSpec> mounts(Fields edits) throws MalformedSpec {
        List<MountSpec> mounts = new ArrayList<>();
        for (Fields mount : edits.objects("mounts")) {
            mounts.add(mount(mount));
            mount.end();
        }
        return mounts;
    }

    private static MountSpec mount(Fields mount) throws MalformedSpec {
        String type = mount.text("type");
        if (!Set.of("", "bind", "none").contains(type)) {
            throw mount.wrong("type", "is not bind: " + type);
        }
        MountOptions options = MountOptions.read(mount);
        return new MountSpec(
                mount.absolute("containerPath"),
                mount.absolute("hostPath"),
                options.readonly() || options.recursiveReadonly(),
                options.recursiveReadonly(),
                options.propagation(),
                false,
                List.of(),
                List.of(),
                null,
                options.attributes(),
                options.alone());
    }

    private static List<Hook> hooks(Fields edits) throws MalformedSpec {
        List<Hook> hooks = new ArrayList<>();
        for (Fields hook : edits.objects("hooks")) {
            Hook.Stage stage = STAGES.get(hook.required("hookName"));
            if (stage == null) {
                throw hook.wrong("hookName", "is not a hook of OCI");
            }
            Long timeout = hook.number("timeout", MAX_TIMEOUT);
            hooks.add(new Hook(
                    stage,
                    hook.absolute("path"),
                    hook.texts("args"),
                    environment(hook),
                    timeout == null ? 0 : timeout.intValue()));
            hook.end();
        }
        return hooks;
    }

    private static List<Long> groups(Fields edits) throws MalformedSpec {
        List<Long> groups = new ArrayList<>();
        for (Object group : edits.list("additionalGids")) {
            boolean whole = group instanceof Integer || group instanceof Long;
            if (!whole || ((Number) group).longValue() < 0 || ((Number) group).longValue() > MAX_ID) {
                throw edits.wrong("additionalGids", "holds what is no id of a group");
            }
            if (((Number) group).longValue() != 0) {
                groups.add(((Number) group).longValue());
            }
        }
        return groups;
    }
}
