package dev.coracle.cli;

import dev.coracle.cri.CriServer;
import dev.coracle.cri.DaemonReport;
import dev.coracle.cri.NodeCheck;
import dev.coracle.cri.RpcTable;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.image.Images;
import dev.coracle.image.Platform;
import dev.coracle.image.Proxies;
import dev.coracle.image.PullSettings;
import dev.coracle.image.Pulls;
import dev.coracle.net.PodNetwork;
import dev.coracle.net.cni.CniNetwork;
import dev.coracle.planner.CgroupLayout;
import dev.coracle.planner.Host;
import dev.coracle.pod.HostProbe;
import dev.coracle.pod.NodePods;
import dev.coracle.pod.StateLabels;
import dev.coracle.shim.SpawnedShims;
import dev.coracle.store.StorePaths;
import dev.coracle.stream.StreamServer;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.logging.Level;

/** The command line; and, in {@link #serve}, how the objects are put together. */
public final class Main {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final Duration START_IS_OVER = Duration.ofSeconds(10);
    private static final String NOTIFY_SOCKET = "NOTIFY_SOCKET";

    private final PrintStream out;
    private final PrintStream err;

    Main(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) {
        int status = new Main(System.out, System.err).run(List.of(arguments));
        if (status != 0) {
            System.exit(status);
        }
    }

    /** 0 for success, 1 for a failure, 2 for a command line or configuration that is wrong. */
    int run(List<String> arguments) {
        try {
            run(command(arguments), arguments);
            return 0;
        } catch (UsageError e) {
            return fail(e, USAGE);
        } catch (RuntimeFailure e) {
            return fail(e, FAILED);
        } catch (UncheckedIOException e) {
            err.println("coracle: " + e.getMessage() + ": " + e.getCause());
            return FAILED;
        }
    }

    private int fail(RuntimeException e, int status) {
        err.println("coracle: " + e.getMessage());
        return status;
    }

    private static Commands command(List<String> arguments) {
        if (arguments.isEmpty() || arguments.contains("--help") || arguments.contains("-h")) {
            return Commands.HELP;
        }
        return arguments.getFirst().equals("--version") ? Commands.VERSION : Commands.of(arguments.getFirst());
    }

    private void run(Commands command, List<String> arguments) {
        switch (command) {
            case SERVE -> serve(config(arguments));
            case PLAN -> PlanCommand.of(arguments.subList(1, arguments.size())).print(out);
            case STATUS -> status(config(arguments));
            case CHECK -> check(parsed(arguments, Commands.checkOptions()));
            case IMAGE -> image(arguments.subList(1, arguments.size()));
            case VERSION -> out.println("coracle " + Installation.version());
            case HELP -> out.print(Commands.helpText());
        }
    }

    private static Config config(List<String> arguments) {
        return Config.of(parsed(arguments, Commands.configOptions()));
    }

    private static Arguments parsed(List<String> arguments, Set<String> options) {
        Arguments parsed = Arguments.parse(arguments.subList(1, arguments.size()), options);
        if (!parsed.operands().isEmpty()) {
            throw new UsageError("unexpected argument " + parsed.operands().getFirst());
        }
        return parsed;
    }

    private void status(Config config) {
        ask(() -> DaemonReport.of(config.socket()));
    }

    private void image(List<String> arguments) {
        besideLog(() -> ImageCommand.run(arguments, out, err));
    }

    private void check(Arguments arguments) {
        int rounds = rounds(arguments.option(Commands.ROUNDS_OPTION).orElse("1"));
        ask(() -> NodeCheck.of(
                Config.of(arguments).socket(),
                Installation.shim(),
                Platform.current().architecture(),
                rounds));
    }

    private static int rounds(String text) {
        try {
            int rounds = Integer.parseInt(text);
            if (rounds >= 1) {
                return rounds;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new UsageError("option " + Commands.ROUNDS_OPTION + " is not a number from 1 up: " + text);
    }

    private void ask(Supplier<String> question) {
        besideLog(() -> out.print(question.get()));
    }

    /** A command that asks the daemon, with what goes wrong beneath it in the log. */
    private static void besideLog(Runnable command) {
        LogQueue log = Logs.start(Level.WARNING);
        try {
            command.run();
        } finally {
            log.close();
        }
    }

    private void serve(Config config) {
        LogQueue log = Logs.start(config.logLevel());
        Daemon daemon = new Daemon(log, out, Optional.ofNullable(System.getenv(NOTIFY_SOCKET)));
        try {
            wire(config, daemon);
        } catch (RuntimeException e) {
            daemon.abandon();
            throw e;
        }
        daemon.serve(config.socket().toString());
    }

    private static void wire(Config config, Daemon daemon) {
        StorePaths paths = new StorePaths(config.run(), config.state());
        Host host = HostProbe.probe(made(config.state()), made(config.run()), Installation.shim());
        StateLabels.set(config.state(), host);
        PodNetwork network = new CniNetwork(
                config.cniConfDir(), config.handlerCniConfDirs(), List.of(config.cniBinDir()), paths.networks());
        Images images = daemon.with(Images.open(paths.images(), config.pins()));
        Pulls pulls = daemon.with(new Pulls(images, pullSettings(config)));
        NodePods pods = daemon.with(NodePods.open(new NodePods.Parts(
                host,
                config.planHandlers(),
                paths,
                new ImageRoots(images),
                network,
                events -> SpawnedShims.start(Installation.shim(), config.run(), cgroups(host.cgroups()), events))));
        images.startCollecting();
        NodeFacts facts = new NodeFacts(Installation.version(), config, host, network, pulls);
        StreamServer streams = daemon.with(StreamServer.start(config.streams(), pods));
        RpcTable rpcs = RpcTable.of(facts.node(), pods, images, pulls, streams::url);
        daemon.with(CriServer.start(config.socket(), rpcs));
        daemon.with(SparePages.release(Installation.mapped(), pulls, START_IS_OVER));
    }

    private static Path made(Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("make " + directory, e);
        }
    }

    private static PullSettings pullSettings(Config config) {
        return PullSettings.on(
                config.hostsDir(), Proxies.of(System.getenv()), config.pullLimits(), config.stallTimeout());
    }

    /** Where each hierarchy is mounted: shims have a group in every one. */
    private static List<Path> cgroups(CgroupLayout layout) {
        List<Path> roots = new ArrayList<>();
        layout.mountPoints().forEach(mount -> roots.add(Path.of(mount)));
        switch (layout) {
            case CgroupLayout.V2 v2 -> roots.add(Path.of(v2.root()));
            case CgroupLayout.Hybrid hybrid -> roots.add(Path.of(hybrid.unified()));
            case CgroupLayout.V1 _ -> {}
        }
        return roots;
    }
}
