package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a daemon under test keeps everything: two with different ones run side by side. */
public record DaemonDirs(Path state, Path run, Path socket, Path cniConf, Path cniBin, Path hosts, Path config) {

    public static DaemonDirs in(Path dir) {
        return in(dir, dir.resolve("run"));
    }

    /** With the run directory elsewhere. */
    public static DaemonDirs in(Path dir, Path run) {
        try {
            Path state = Files.createDirectories(dir.resolve("state"));
            Files.createDirectories(run);
            Path conf = Files.createDirectories(dir.resolve("cni"));
            Path hosts = Files.createDirectories(dir.resolve("hosts"));
            Path config = dir.resolve("coracle.toml");
            DaemonDirs dirs =
                    new DaemonDirs(state, run, dir.resolve("cri.sock"), conf, Tools.cniPlugins(), hosts, config);
            Files.createDirectories(dirs.specialCniConf());
            dirs.handlers();
            return dirs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runtime handlers for Coracle: one like the default, one without host devices, one with a network of its own. */
    private void handlers() {
        configure("""
            [handlers.test-handler]
            [handlers.guarded]
            privileged_without_host_devices = true
            [handlers.special]
            cni_conf_dir = "%s"
            cgroup_writable = true
            """.formatted(specialCniConf()));
    }

    /** Where handler {@code special} has its networks. */
    public Path specialCniConf() {
        return cniConf.resolveSibling("cni-special");
    }

    /** Writes Coracle's configuration file, which it reads when it starts. */
    public void configure(String toml) {
        write(config, toml);
    }

    /** Configures the usual network: a bridge of this name with addresses of 10.88.0.0/16, port mappings, masquerading. */
    public void bridgeNetwork(String cniVersion, String bridge) {
        write(cniConf.resolve("10-e2e.conflist"), """
            {"cniVersion": "%s", "name": "e2e", "plugins": [
              {"type": "bridge", "bridge": "%s", "isGateway": true, "ipMasq": true, "hairpinMode": true,
               "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.88.0.0/16"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
              {"type": "portmap", "capabilities": {"portMappings": true}}]}
            """.formatted(cniVersion, bridge));
    }

    /** Says that a registry speaks plain http. */
    public void plainHttp(String registry) {
        mirror(registry, registry);
    }

    /** Says that what is asked of one registry is to be had from another, on plain http. */
    public void mirror(String registry, String from) {
        try {
            Path dir = Files.createDirectories(hosts.resolve(registry));
            write(dir.resolve("hosts.toml"), """
                server = "http://%1$s"

                [host."http://%1$s"]
                  capabilities = ["pull", "resolve"]
                """.formatted(from));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
