package dev.coracle.pod;

import dev.coracle.cdi.CdiDevices;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.image.ImageShelf;
import dev.coracle.image.StackedFiles;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Plan;
import dev.coracle.planner.Handlers;
import dev.coracle.planner.Host;
import dev.coracle.planner.Kept;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.PodId;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import dev.coracle.state.Prepared;
import dev.coracle.store.StorePaths;
import java.io.IOException;
import java.util.List;

/**
 * The plans that a pod and a container would be made by on this node, by the way that the daemon goes, but without a daemon, a shim or a
 * lock: what is looked up is only read. Confined to one platform thread.
 */
public final class PlanPreview {
    private final Plans plans;
    private final ImageShelf images;
    private final Roots roots;
    private final CdiDevices devices = new CdiDevices(CdiDevices.DIRECTORIES);

    public PlanPreview(Host host, Handlers handlers, StorePaths paths) {
        this.images = new ImageShelf(paths.images());
        this.roots = new ShelfRoots(images);
        this.plans = new Plans(host, handlers, paths, roots);
    }

    /**
     * What RunPodSandbox would carry out, but for calls of network plugins.
     *
     * @throws dev.coracle.failure.RuntimeFailure as RunPodSandbox would refuse it
     */
    public Plan sandbox(PodId id, SandboxSpec spec) {
        return plans.sandbox(pod(id, spec));
    }

    /**
     * What CreateContainer and StartContainer would carry out.
     *
     * @throws dev.coracle.failure.RuntimeFailure as they would refuse it; {@link NotFound} if the image is not on this node
     */
    public List<Plan> container(PodId podId, SandboxSpec podSpec, ContainerId id, ContainerSpec spec) {
        String name = spec.image().image();
        ImageShelf.Found image = images.find(name).orElseThrow(() -> new NotFound("image", name));
        Roots.Lease lease = roots.lease(id, name, spec.volumeImages());
        PodRecord pod = pod(podId, podSpec);
        ContainerRecord container =
                ContainerRecord.intended(id, podId, spec, lease.image(), 1).with(devices.edits(spec));
        Plan create = plans.create(pod, container, lease);
        Prepared prepared = plans.prepared(pod, container, answers(container, create, image));
        return List.of(create, plans.start(pod, container, prepared));
    }

    private static Answers answers(ContainerRecord container, Plan create, ImageShelf.Found image) {
        try (StackedFiles files = new StackedFiles(image.layers())) {
            return new Foresight(Kept.rootfs(container.id()), files).of(create);
        } catch (IOException e) {
            throw new Unavailable("open the layers of image " + image.image().id(), e.toString(), e);
        }
    }

    private static PodRecord pod(PodId id, SandboxSpec spec) {
        return PodRecord.intended(id, spec, 1);
    }
}
