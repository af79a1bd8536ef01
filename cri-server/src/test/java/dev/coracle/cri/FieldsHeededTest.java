package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.proto.Contract;
import dev.coracle.proto.Field;
import dev.coracle.proto.v1.AuthConfig;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import dev.coracle.proto.v1.UpdateContainerResourcesRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * No field of a request is ignored: taking any one out of a full request gives another spec, or an error. And the requests
 * are full: a field that the contract gains is missing here until somebody reads it.
 */
final class FieldsHeededTest {
    /** By the names of the messages that hold them; what is read nowhere, and why. */
    private static final Map<String, String> NOT_READ = Map.of(
            "PodSandboxConfig.windows", "another operating system",
            "ContainerConfig.windows", "another operating system",
            "UpdateContainerResourcesRequest.windows", "another operating system",
            "UpdateContainerResourcesRequest.annotations", "reserved by the contract, no meaning yet",
            "CreateContainerRequest.sandbox_config", "the pod is what it was made as",
            "CreateContainerRequest.pod_sandbox_id", "read by its RPC, not part of the spec",
            "UpdateContainerResourcesRequest.container_id", "read by its RPC, not part of the spec",
            "ImageSpec.annotations", "hints for pulling, no meaning for a container",
            "ImageSpec.runtime_handler", "for pulling",
            "ImageSpec.image_ref", "set by runtimes in answers");

    private static final List<RunPodSandboxRequest> PODS = List.of(Samples.POD, Samples.OLD_HOST_POD);
    private static final List<CreateContainerRequest> CONTAINERS =
            List.of(Samples.CONTAINER, Samples.OLD_HOST_CONTAINER);
    private static final List<UpdateContainerResourcesRequest> UPDATES =
            List.of(UpdateContainerResourcesRequest.newBuilder()
                    .setLinux(Samples.CONTAINER.getConfig().getLinux().getResources())
                    .build());

    private static final List<AuthConfig> AUTHS = List.of(
            AuthConfig.newBuilder()
                    .setUsername("u")
                    .setPassword("p")
                    .setServerAddress("https://registry.example.com")
                    .setIdentityToken("i")
                    .setRegistryToken("r")
                    .build(),
            AuthConfig.newBuilder().setAuth("dTpw").build());

    @TestFactory
    Stream<DynamicTest> podFields() {
        return PODS.stream().flatMap(pod -> tests(pod, CriIn::sandboxSpec));
    }

    @TestFactory
    @Field(value = "HugepageLimit.limit", does = "hugetlb.2MB.max, hugetlb.2MB.limit_in_bytes and their like")
    Stream<DynamicTest> containerFields() {
        return CONTAINERS.stream().flatMap(container -> tests(container, CriIn::containerSpec));
    }

    @TestFactory
    Stream<DynamicTest> resourceFields() {
        return UPDATES.stream().flatMap(update -> tests(update, CriIn::resources));
    }

    @TestFactory
    @Field(
            value = "AuthConfig.username",
            does = "with password: basic authentication, or for a token of the registry's own service")
    @Field(value = "AuthConfig.password", does = "see username; never logged")
    @Field(value = "AuthConfig.auth", does = "base64 of user:password, where username is empty; never logged")
    @Field(value = "AuthConfig.server_address", does = "credentials go to this host only")
    @Field(value = "AuthConfig.identity_token", does = "exchanged for a token of the registry's service; never logged")
    @Field(value = "AuthConfig.registry_token", does = "sent as it is, as a bearer token; never logged")
    Stream<DynamicTest> credentialFields() {
        return AUTHS.stream().flatMap(auth -> tests(auth, CriIn::credentials));
    }

    @Test
    void the_samples_have_every_field_of_the_contract() {
        Set<String> inContract = new TreeSet<>();
        Set<String> inSamples = new TreeSet<>();
        Stream.of(PODS, CONTAINERS, UPDATES, AUTHS).flatMap(List::stream).forEach(sample -> {
            contractFields(Contract.descriptor(sample), inContract, new TreeSet<>());
            sampleFields(Contract.open(sample), inSamples);
        });
        inContract.removeAll(NOT_READ.keySet());
        assertThat(inSamples).containsAll(inContract);
        assertThat(inContract).hasSizeGreaterThan(100);
    }

    private static <M extends MessageLite> Stream<DynamicTest> tests(M sample, Function<M, ?> read) {
        Object whole = read.apply(sample);
        return without(Contract.open(sample))
                .filter(change -> !NOT_READ.containsKey(change.field()) && !sameWhenAbsent(sample, change))
                .map(change -> DynamicTest.dynamicTest(
                        change.path(),
                        () -> assertThat(outcome(Contract.closed(change.message(), sample), read))
                                .isNotEqualTo(whole)));
    }

    /** The host's user namespace, asked for by its name: so is the whole message when it is absent. */
    private static boolean sameWhenAbsent(MessageLite sample, Change change) {
        return sample.equals(Samples.OLD_HOST_POD) && change.field().equals("NamespaceOption.userns_options");
    }

    private static <M> Object outcome(M message, Function<M, ?> read) {
        try {
            return read.apply(message);
        } catch (InvalidSpec refused) {
            return refused;
        }
    }

    /** A message with one thing less, and what that was. */
    private record Change(String path, String field, Message message) {}

    /** The message without each of its fields, elements and map entries, at any depth, one at a time. */
    private static Stream<Change> without(Message message) {
        List<Change> changes = new ArrayList<>();
        message.getAllFields().forEach((field, value) -> {
            changes.add(new Change(
                    field.getName(),
                    name(field),
                    message.toBuilder().clearField(field).build()));
            if (field.isRepeated() && !field.isMapField() && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                    int index = i;
                    without((Message) message.getRepeatedField(field, i))
                            .forEach(inner -> changes.add(new Change(
                                    field.getName() + "[" + index + "]." + inner.path(),
                                    inner.field(),
                                    message.toBuilder()
                                            .setRepeatedField(field, index, inner.message())
                                            .build())));
                }
            } else if (!field.isRepeated() && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                without((Message) value)
                        .forEach(inner -> changes.add(new Change(
                                field.getName() + "." + inner.path(),
                                inner.field(),
                                message.toBuilder()
                                        .setField(field, inner.message())
                                        .build())));
            }
        });
        return changes.stream();
    }

    private static void contractFields(Descriptor type, Set<String> fields, Set<String> seen) {
        if (!seen.add(type.getName())) {
            return;
        }
        for (FieldDescriptor field : type.getFields()) {
            fields.add(name(field));
            boolean below = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    && !field.isMapField()
                    && !NOT_READ.containsKey(name(field));
            if (below) {
                contractFields(field.getMessageType(), fields, seen);
            }
        }
    }

    private static void sampleFields(Message message, Set<String> fields) {
        message.getAllFields().forEach((field, value) -> {
            fields.add(name(field));
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || field.isMapField()) {
                return;
            }
            if (field.isRepeated()) {
                ((List<?>) value).forEach(element -> sampleFields((Message) element, fields));
            } else {
                sampleFields((Message) value, fields);
            }
        });
    }

    private static String name(FieldDescriptor field) {
        return field.getContainingType().getName() + "." + field.getName();
    }
}
