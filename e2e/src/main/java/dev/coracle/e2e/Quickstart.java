package dev.coracle.e2e;

import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.ExecSyncResponse;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.RemoveImageRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The life of one pod, shown call by call on a daemon that runs: an image is pulled, a web server runs in a pod of its own network, is
 * asked for its page, is looked into, and everything goes again. For {@code deploy/quickstart.sh}, which starts the daemon.
 */
public final class Quickstart {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final int LOG_LINES = 4;

    private final CriClient client;
    private final Path logs;
    private final PrintStream out;

    private Quickstart(CriClient client, Path logs, PrintStream out) {
        this.client = client;
        this.logs = logs;
        this.out = out;
    }

    /** {@code SOCKET IMAGE LOG-FOLDER}. */
    public static void main(String[] arguments) throws Exception {
        try (CriClient client = CriClient.connect(Path.of(arguments[0]))) {
            new Quickstart(client, Path.of(arguments[2]), System.out).run(arguments[1]);
        }
    }

    private void run(String image) throws IOException, InterruptedException {
        step("PullImage " + image);
        long started = System.nanoTime();
        String imageId = client.pull(image);
        say(imageId + ", in " + millisSince(started) + " ms");

        PodSandboxConfig config = Pods.named("web").logsIn(logs).build();
        step("RunPodSandbox web");
        started = System.nanoTime();
        String pod = client.runPod(config);
        try {
            String address = client.podStatus(pod).getNetwork().getIp();
            say(pod.substring(0, 12) + " has address " + address + ", after " + millisSince(started) + " ms");
            runContainer(Containers.of(image).imageId(imageId), pod, config, address);
        } finally {
            step("StopPodSandbox, RemovePodSandbox, RemoveImage");
            client.stopPod(pod);
            client.removePod(pod);
            remove(image);
            say("pods left: " + client.pods().size());
        }
    }

    private void runContainer(Containers container, String pod, PodSandboxConfig config, String address)
            throws IOException, InterruptedException {
        step("CreateContainer, StartContainer");
        long started = System.nanoTime();
        var request = container.in(config);
        Path log = Path.of(config.getLogDirectory(), request.getLogPath());
        Files.createDirectories(log.getParent());
        String id = client.createContainer(pod, request, config);
        client.startContainer(id);
        say(id.substring(0, 12) + " is " + client.containerStatus(id).getState().name() + ", after "
                + millisSince(started) + " ms");

        step("GET http://" + address + "/");
        say(page("http://" + address + "/"));

        step("ExecSync: hostname and the user's name, inside");
        ExecSyncResponse answer = client.exec(id, "sh", "-c", "cat /etc/hostname; id");
        say(answer.getStdout().toStringUtf8().strip() + "\nexit code " + answer.getExitCode());

        step("the log, as a kubelet reads it: " + log);
        Waiting.untilTrue("the request is in the log", PATIENCE, () -> text(log).contains("GET / HTTP"));
        text(log)
                .lines()
                .skip(Math.max(0, text(log).lines().count() - LOG_LINES))
                .forEach(this::say);

        step("StopContainer");
        client.stopContainer(id, GRACE);
        ContainerStatus ended = client.containerStatus(id);
        say(ended.getState().name() + " with exit code " + ended.getExitCode() + ", " + ended.getReason());
    }

    private static String page(String uri) throws InterruptedException {
        HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(uri))
                .timeout(Duration.ofSeconds(5))
                .build();
        AtomicReference<String> page = new AtomicReference<>("");
        Waiting.untilTrue("the page is served", PATIENCE, () -> {
            try {
                page.set(
                        http.send(request, HttpResponse.BodyHandlers.ofString()).body());
                return true;
            } catch (IOException notYet) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        });
        http.close();
        return page.get().strip();
    }

    private void remove(String image) {
        var _ = client.images()
                .removeImage(RemoveImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build());
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    private static long millisSince(long started) {
        return (System.nanoTime() - started) / 1_000_000;
    }

    private void step(String what) {
        out.println();
        out.println("==> " + what);
    }

    private void say(String text) {
        text.lines().forEach(line -> out.println("    " + line));
    }
}
