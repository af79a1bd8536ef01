package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.linux.FileStat;
import dev.coracle.linux.Linux;
import dev.coracle.linux.SyscallException;
import dev.coracle.planner.DeviceKind;
import dev.coracle.planner.HostDevice;
import dev.coracle.planner.Settings;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.DeviceNode;
import dev.coracle.spec.DeviceSpec;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.UserRequest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the device nodes that a container is given. Looks only into {@code /dev} and where a device was asked for; any thread. */
final class HostDevices {
    private static final Logger LOG = LoggerFactory.getLogger(HostDevices.class);
    private static final String ALL = "rwm";
    private static final int UNSEEN_MODE = 0666;
    private static final Path DEV = Path.of("/dev");
    /** Not devices of the host but of whoever looks: every container has its own. */
    private static final Set<String> OWN = Set.of("pts", "shm", "mqueue", "fd", "ptmx", "console", ".udev");

    private final Linux linux = new Linux();

    /**
     * Those of the spec, directories resolved, and when privileged all of the host's besides.
     *
     * @param settings whether a privileged container gets all there are, and whose those of the spec are
     * @throws InvalidSpec if one that was asked for is not there, or is no device
     */
    List<HostDevice> of(ContainerSpec spec, Settings settings) {
        List<HostDevice> found = asked(spec);
        if (settings.deviceOwnership()) {
            UserRequest user = spec.security().user();
            found.replaceAll(device -> device.ownedBy(id(user.uid(), device.uid()), id(user.gid(), device.gid())));
        }
        if (settings.privilegedHostDevices() && spec.security().privileged()) {
            below(DEV, DEV.toString(), ALL, found);
        }
        return found;
    }

    /**
     * Looks for those of the spec.
     *
     * @throws InvalidSpec as {@link #of(ContainerSpec, Settings)}
     */
    void check(ContainerSpec spec) {
        var _ = asked(spec);
    }

    private List<HostDevice> asked(ContainerSpec spec) {
        List<HostDevice> found = new ArrayList<>();
        for (int i = 0; i < spec.devices().size(); i++) {
            asked(spec.devices().get(i), "devices[" + i + "].host_path", found);
        }
        return found;
    }

    /** As other runtimes have it: root does not take a device from whose it is. */
    private static int id(@Nullable Long asked, int hosts) {
        return asked == null || asked == 0 ? hosts : asked.intValue();
    }

    /**
     * Those of the Container Device Interface, what they leave open looked up. Of two for one path the later one counts.
     *
     * @throws InvalidSpec if one has to be looked at and is not there, is no device, or is of another type
     */
    List<HostDevice> of(List<DeviceNode> nodes, ResolvedUser user) {
        Map<String, HostDevice> byPath = new LinkedHashMap<>();
        for (DeviceNode node : nodes) {
            byPath.put(node.path(), complete(node, user));
        }
        return List.copyOf(byPath.values());
    }

    private HostDevice complete(DeviceNode node, ResolvedUser user) {
        HostDevice found = found(node);
        return new HostDevice(
                found.hostPath(),
                node.path(),
                found.kind(),
                found.major(),
                found.minor(),
                Objects.requireNonNullElse(node.mode(), found.mode()),
                owner(node.uid(), user.uid()),
                owner(node.gid(), user.gid()),
                node.permissions());
    }

    private HostDevice found(DeviceNode node) {
        Integer major = node.major();
        Integer minor = node.minor();
        return major == null || minor == null ? look(node) : unseen(node, major, minor);
    }

    private static HostDevice unseen(DeviceNode node, int major, int minor) {
        String hostPath = node.hostPath().isEmpty() ? node.path() : node.hostPath();
        DeviceKind kind = kind(node.type());
        return new HostDevice(hostPath, node.path(), kind, major, minor, UNSEEN_MODE, 0, 0, node.permissions());
    }

    private static int owner(@Nullable Long asked, long own) {
        return (int) (asked == null ? own : asked.longValue());
    }

    private static DeviceKind kind(String type) {
        return type.equals("b") ? DeviceKind.BLOCK : DeviceKind.CHARACTER;
    }

    private HostDevice look(DeviceNode node) {
        List<HostDevice> found = new ArrayList<>();
        try {
            node(Path.of(node.hostPath()).toRealPath(), node.path(), node.permissions(), found);
        } catch (IOException e) {
            throw new InvalidSpec("CDI_devices", node.hostPath() + " cannot be looked at: " + e);
        }
        boolean fits = found.size() == 1
                && (node.type().isEmpty()
                        || kind(node.type()) == found.getFirst().kind());
        if (!fits) {
            throw new InvalidSpec(
                    "CDI_devices", node.hostPath() + " is not the device that " + node.path() + " is to be");
        }
        return found.getFirst();
    }

    private void asked(DeviceSpec device, String field, List<HostDevice> found) {
        int before = found.size();
        String access = device.permissions().isEmpty() ? ALL : device.permissions();
        try {
            Path real = Path.of(device.hostPath()).toRealPath();
            node(real, device.containerPath(), access, found);
        } catch (IOException e) {
            throw new InvalidSpec(field, device.hostPath() + " cannot be looked at: " + e);
        }
        if (found.size() == before) {
            throw new InvalidSpec(field, device.hostPath() + " is neither a device nor a directory with devices");
        }
    }

    private void node(Path path, String containerPath, String access, List<HostDevice> found) throws SyscallException {
        FileStat stat = linux.lstat(null, path.toString());
        switch (stat.mode() & FileStat.TYPE_MASK) {
            case FileStat.CHARACTER, FileStat.BLOCK -> found.add(device(path, stat, containerPath, access));
            case FileStat.DIRECTORY -> below(path, containerPath, access, found);
            default -> {}
        }
    }

    private void below(Path directory, String containerPath, String access, List<HostDevice> found) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!(directory.equals(DEV) && OWN.contains(name))) {
                    nodeIfThere(entry, containerPath + "/" + name, access, found);
                }
            }
        } catch (IOException e) {
            LOG.debug("look into {}: {}", directory, e.getMessage());
        }
    }

    /** Devices come and go: one that is gone when it is looked at was not there. */
    private void nodeIfThere(Path path, String containerPath, String access, List<HostDevice> found) {
        try {
            node(path, containerPath, access, found);
        } catch (SyscallException e) {
            LOG.debug("pass over {}: {}", path, e.getMessage());
        }
    }

    private static HostDevice device(Path path, FileStat stat, String containerPath, String access) {
        boolean block = (stat.mode() & FileStat.TYPE_MASK) == FileStat.BLOCK;
        DeviceKind kind = block ? DeviceKind.BLOCK : DeviceKind.CHARACTER;
        return new HostDevice(
                path.toString(),
                containerPath,
                kind,
                (int) (stat.device() >>> 32),
                (int) stat.device(),
                stat.permissions(),
                stat.uid(),
                stat.gid(),
                access);
    }
}
