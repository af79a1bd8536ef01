package dev.coracle.planner;

import static dev.coracle.plan.GoldenPlans.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.ImageVolumeFailed;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.KernelFailure;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.Plan;
import dev.coracle.spec.ImageVolume;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.Propagation;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Images as volumes. */
class ImageVolumePlanTest {
    private final Samples samples = new Samples();

    private static VolumeLayers layers(int count) {
        List<String> names = IntStream.range(0, count).mapToObj(i -> "m" + i).toList();
        return new VolumeLayers("/var/lib/coracle/layers", names);
    }

    private void three() {
        samples.image("/models", "", layers(3), List.of("noexec"))
                .image("/weights", "share/weights", layers(2), List.of())
                .image("/etc/model.json", "model.json", layers(1), List.of());
    }

    private Plan create(Host host) {
        return new ContainerPlanner(host, Settings.DEFAULT).create(samples.order(), Samples.layers(2), samples.images);
    }

    private Plan start(Host host) {
        return new ContainerPlanner(host, Settings.DEFAULT).start(samples.order(), samples.facts());
    }

    @Test
    void lookedIntoWhenTheContainerIsMade() {
        three();
        assertGolden("create-mounted-images", create(Hosts.usual()));
        assertGolden("create-mounted-images-6.1", create(Hosts.debian12()));
    }

    @Test
    void mountedWhenItStarts() {
        three();
        assertGolden("start-mounted-images", start(Hosts.usual()));
        assertGolden("start-mounted-images-6.1", start(Hosts.debian12()));
    }

    @Test
    void withThePodsIds() {
        samples.own(Samples.USER_NAMESPACE);
        three();
        assertGolden("create-userns-mounted-images", create(Hosts.usual()));
        assertGolden("start-userns-mounted-images", start(Hosts.usual()));
    }

    @Test
    void moreLayersThanAnOldKernelTakesAreRefused() {
        samples.image("/models", "", layers(120), List.of());
        create(Hosts.usual());
        assertThatThrownBy(() -> create(Hosts.debian12()))
                .isInstanceOf(ImageVolumeFailed.class)
                .hasMessageStartingWith("ImageVolumeMountFailed: mount image of 120 layers");
    }

    @Test
    void missingPartIsRefused() {
        samples.image("/models", "no/such", layers(1), List.of());
        assertThatThrownBy(() -> new ContainerPlanner(Hosts.usual(), Settings.DEFAULT)
                        .prepared(samples.order(), new Answers(Map.of("passwd", Bytes.EMPTY))))
                .isInstanceOf(ImageVolumeFailed.class)
                .hasMessage("ImageVolumeMountFailed: mount image models:1 at /models: there is no no/such in it");
    }

    /** A volume of the node comes first, the root last: what is refused there is no image's. */
    @Test
    void whatTheKernelRefusesOfAnImageIsNamedSo() {
        samples.volume(MountSpec.bind("/srv", "/srv", false, Propagation.PRIVATE), Peering.PRIVATE)
                .image("/models", "weights", layers(3), List.of());
        Plan plan = create(Hosts.usual());
        int refusals = 0;
        for (int i = 0; i < plan.steps().size(); i++) {
            String op = plan.text(i);
            KernelFailure refused = new KernelFailure(plan.title(), i, op, Errno.EINVAL);
            RuntimeFailure told = ContainerPlanner.failure(samples.order(), plan, refused);
            if (op.contains("source1") && !op.contains("close")) {
                refusals++;
                assertThat(told)
                        .isInstanceOf(ImageVolumeFailed.class)
                        .hasMessage("ImageVolumeMountFailed: mount image models:1 at /models: " + refused.getMessage());
            } else if (!op.contains("close")) {
                assertThat(told).as(op).isSameAs(refused);
            }
        }
        assertThat(refusals).isEqualTo(3);
    }

    @Test
    void mappingsOtherThanThePodsAreRefused() {
        samples.images = List.of(layers(1));
        samples.mounts = List.of(new MountSpec(
                "/models",
                "",
                true,
                false,
                Propagation.PRIVATE,
                false,
                Samples.USER_NAMESPACE.uids(),
                Samples.USER_NAMESPACE.gids(),
                new ImageVolume("models:1", ""),
                List.of(),
                false));
        assertThatThrownBy(() -> create(Hosts.usual()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("mounts[0].uidMappings");
        samples.own(Samples.USER_NAMESPACE);
        create(Hosts.usual());
    }
}
