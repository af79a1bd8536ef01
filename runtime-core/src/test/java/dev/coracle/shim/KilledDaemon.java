package dev.coracle.shim;

import dev.coracle.spec.PodId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A daemon that starts one container, says so, and waits to be killed: {@code RUN SCRIPT}. */
final class KilledDaemon {
    private KilledDaemon() {}

    public static void main(String[] args) throws Exception {
        Path run = Path.of(args[0]);
        PodId pod = new PodId(ShimHost.newId());
        String id = ShimHost.newId();
        Path directory = Files.createDirectory(run.resolve(pod.value()));
        Path log = run.resolve("log");
        Shim shim =
                SpawnedShims.start(ShimHost.BINARY, run, List.of(), new Deaf()).open(pod, directory);
        shim.execute(TinyPlans.container(id, args[1], log), ShimHost.DEADLINE);
        System.out.println(String.join("\n", pod.value(), id, directory.toString(), log.toString()));
        new CountDownLatch(1).await();
    }

    private record Deaf() implements ShimEvents {
        @Override
        public void exited(PodId pod, Exit exit) {}

        @Override
        public void stuck(PodId pod, Stuck stuck) {}

        @Override
        public void lost(PodId pod) {}
    }
}
