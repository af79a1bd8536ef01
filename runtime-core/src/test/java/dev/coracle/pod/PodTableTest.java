package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.spec.PodId;
import dev.coracle.spec.PodMetadata;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import dev.coracle.store.Records;
import dev.coracle.store.Samples;
import dev.coracle.store.StoredPod;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PodTableTest {
    private static final String START = "000000050000000";

    private final PodTable table = new PodTable();

    private static Pod pod(String name, String id) {
        PodMetadata metadata = new PodMetadata(name, "uid", "default", 0);
        SandboxSpec spec = Samples.sandbox();
        PodRecord record = PodRecord.intended(new PodId(id + "0".repeat(64 - id.length())), named(spec, metadata), 1);
        return new Pod(View.of(record, List.of()), new Forgetful(), new Announcements(Clock.SYSTEM));
    }

    private static SandboxSpec named(SandboxSpec spec, PodMetadata metadata) {
        return new SandboxSpec(
                metadata,
                spec.hostname(),
                spec.logDirectory(),
                spec.dns(),
                spec.portMappings(),
                spec.labels(),
                spec.annotations(),
                spec.cgroupParent(),
                spec.sysctls(),
                spec.security(),
                spec.overhead(),
                spec.resources(),
                spec.runtimeHandler());
    }

    @Test
    void twoPodsNeverHaveTheSameCategories() {
        Pod one = pod("one", START + "9a");
        Pod alike = pod("two", START + "9b");
        assertThat(table.claim(one)).isSameAs(one);
        assertThat(table.claim(alike)).as("c5,c9 as well").isSameAs(one);
        assertThat(table.named(alike.view().pod().spec().metadata())).isEmpty();
        table.forget(one);
        assertThat(table.claim(alike)).isSameAs(alike);
    }

    @Test
    void whoDoesNotGetItsNameLeavesItsCategories() {
        Pod one = pod("one", START + "1");
        assertThat(table.claim(one)).isSameAs(one);
        assertThat(table.claim(pod("one", START + "2"))).isSameAs(one);
        Pod other = pod("other", START + "2");
        assertThat(table.claim(other)).isSameAs(other);
    }

    @Test
    void whatAnEarlierDaemonLeftIsTakenAsItIs() {
        Pod one = pod("one", START + "9a");
        Pod alike = pod("two", START + "9b");
        table.adopt(one);
        table.adopt(alike);
        assertThat(table.pods()).containsExactlyInAnyOrder(one, alike);
    }

    /** Keeps nothing. */
    private static final class Forgetful implements Records {
        @Override
        public void begin(PodRecord pod) {}

        @Override
        public void save(PodRecord pod) {}

        @Override
        public void begin(ContainerRecord container) {}

        @Override
        public void save(ContainerRecord container) {}

        @Override
        public void delete(ContainerRecord container) {}

        @Override
        public void delete(PodId pod) {}

        @Override
        public List<PodId> pods() {
            return List.of();
        }

        @Override
        public StoredPod load(PodId pod) {
            throw new IllegalStateException("nothing is kept");
        }
    }
}
