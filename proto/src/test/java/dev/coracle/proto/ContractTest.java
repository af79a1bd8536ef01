package dev.coracle.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import dev.coracle.proto.v1.ImageServiceGrpc;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Our file and the contract's own say the same, to the last field, and so does the Java generated from ours. */
class ContractTest {
    private static final FileDescriptorProto OURS = UpstreamContract.compile(
            Path.of("src/main/proto/runtime/v1/api.proto").toAbsolutePath());

    @Test
    void saysWhatTheContractSays() {
        FileDescriptorProto contract = UpstreamContract.fetch();
        assertThat(Contents.of(contract)).hasSizeGreaterThan(800);
        assertThat(Contents.differences(OURS, contract)).isEmpty();
    }

    @Test
    void whatIsPackedWithTheMessagesSaysTheSame() {
        assertThat(Contents.differences(Contract.file().toProto(), OURS)).isEmpty();
    }

    @Test
    void javaIsGeneratedFromIt() throws ReflectiveOperationException {
        for (DescriptorProto message : OURS.getMessageTypeList()) {
            Class<?> type = Class.forName("dev.coracle.proto.v1." + message.getName());
            for (FieldDescriptorProto field : message.getFieldList()) {
                String constant = field.getName().toUpperCase(Locale.ROOT) + "_FIELD_NUMBER";
                assertThat(type.getField(constant).getInt(null)).as(constant).isEqualTo(field.getNumber());
            }
        }
        assertThat(calls(RuntimeServiceGrpc.getServiceDescriptor())).isEqualTo(calls(OURS.getService(0)));
        assertThat(calls(ImageServiceGrpc.getServiceDescriptor())).isEqualTo(calls(OURS.getService(1)));
    }

    private static Set<String> calls(ServiceDescriptor generated) {
        return generated.getMethods().stream()
                .map(MethodDescriptor::getBareMethodName)
                .collect(Collectors.toSet());
    }

    private static Set<String> calls(ServiceDescriptorProto service) {
        return service.getMethodList().stream()
                .map(MethodDescriptorProto::getName)
                .collect(Collectors.toSet());
    }

    @Test
    void everyKindOfDifferenceIsSeen() {
        List<Consumer<FileDescriptorProto.Builder>> changes = List.of(
                file -> file.setPackage("runtime.v2"),
                file -> file.removeMessageType(0),
                file -> file.removeEnumType(0),
                file -> file.getEnumTypeBuilder(0).getValueBuilder(1).setNumber(77),
                file -> file.getEnumTypeBuilder(0).getValueBuilder(1).setName("ICMP"),
                file -> field(file).setName("other"),
                file -> field(file).setNumber(99),
                file -> field(file).setType(FieldDescriptorProto.Type.TYPE_BYTES),
                file -> field(file).setLabel(FieldDescriptorProto.Label.LABEL_REPEATED),
                file -> field(file).getOptionsBuilder().setDeprecated(true),
                file -> field(file).setOneofIndex(0),
                file -> file.getMessageTypeBuilder(0).addOneofDeclBuilder().setName("choice"),
                file -> file.getMessageTypeBuilder(0).addReservedName("gone"),
                file -> file.removeService(1),
                file -> file.getServiceBuilder(0).removeMethod(3),
                file -> file.getServiceBuilder(0).getMethodBuilder(0).setServerStreaming(true),
                file -> file.getServiceBuilder(0).getMethodBuilder(0).setOutputType(".runtime.v1.StatusResponse"));
        for (var change : changes) {
            assertThat(Contents.differences(changed(change), OURS)).isNotEmpty();
            assertThat(Contents.differences(OURS, changed(change))).isNotEmpty();
        }
    }

    private static FieldDescriptorProto.Builder field(FileDescriptorProto.Builder file) {
        return file.getMessageTypeBuilder(0).getFieldBuilder(0);
    }

    private static FileDescriptorProto changed(Consumer<FileDescriptorProto.Builder> change) {
        FileDescriptorProto.Builder file = OURS.toBuilder();
        change.accept(file);
        return file.build();
    }
}
