package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.coracle.image.Images;
import dev.coracle.image.PullSettings;
import dev.coracle.image.Pulls;
import dev.coracle.proto.Contract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RpcTableTest {
    @TempDir
    private Path state;

    private Images images;
    private Pulls pulls;
    private RpcTable table;

    @BeforeEach
    void make() {
        images = Images.open(state);
        pulls = new Pulls(images, PullSettings.DEFAULT);
        table = RpcTable.of(TestServer.node(TestServer.READY), new FakePods(), images, pulls, Samples::url);
    }

    @AfterEach
    void close() {
        pulls.close();
        images.close();
    }

    @Test
    void the_table_has_every_method_of_the_contract_once() {
        assertThat(names(table.runtimeService())).containsExactlyInAnyOrderElementsOf(contract("RuntimeService"));
        assertThat(names(table.imageService())).containsExactlyInAnyOrderElementsOf(contract("ImageService"));
    }

    @Test
    void what_is_built_has_a_class_of_its_name() {
        Path rpcs = Path.of(System.getProperty("coracle.root", ".."), "cri-server/src/main/java/dev/coracle/cri/rpc");
        for (Binding<?, ?> binding : table.runtimeService()) {
            boolean built = Files.exists(rpcs.resolve(binding.name() + ".java"));
            assertThat(built).as(binding.name()).isEqualTo(binding.runs() != Binding.Runs.REFUSED);
        }
    }

    private static List<String> names(List<Binding<?, ?>> bindings) {
        return bindings.stream().map(Binding::name).toList();
    }

    private static List<String> contract(String service) {
        ServiceDescriptor descriptor = Contract.file().findServiceByName(service);
        return descriptor.getMethods().stream().map(MethodDescriptor::getName).toList();
    }
}
