package dev.coracle.rules;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.coracle.proto.Contract;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The fields of the contract that a runtime on Linux must do something with: those of every request, and those of the answers that say
 * what a node can do and has.
 */
final class ContractFields {
    /** Answered with UNIMPLEMENTED. */
    private static final Set<String> NOT_SERVED = Set.of("CheckpointContainer", "CheckpointPod", "RestorePod");

    private static final Set<String> ANSWERS = Set.of(
            "RuntimeCondition",
            "RuntimeHandler",
            "RuntimeHandlerFeatures",
            "RuntimeFeatures",
            "LinuxRuntimeConfiguration",
            "LinuxContainerUser",
            "Image",
            "FilesystemUsage",
            "PsiStats",
            "PsiData");

    private static final String OTHER_SYSTEM = "Windows";
    private static final Set<String> WRAPPED_NUMBERS = Set.of("Int64Value", "UInt64Value");

    private final Map<String, FieldDescriptor> requests = new LinkedHashMap<>();
    private final Map<String, FieldDescriptor> answers = new LinkedHashMap<>();

    ContractFields() {
        for (ServiceDescriptor service : Contract.file().getServices()) {
            for (MethodDescriptor method : service.getMethods()) {
                if (!NOT_SERVED.contains(method.getName())) {
                    add(method.getInputType());
                }
            }
        }
        for (Descriptor type : Contract.file().getMessageTypes()) {
            if (ANSWERS.contains(type.getName())) {
                type.getFields().forEach(field -> answers.putIfAbsent(name(field), field));
            }
        }
    }

    private void add(Descriptor type) {
        for (FieldDescriptor field : type.getFields()) {
            boolean seen = requests.putIfAbsent(name(field), field) != null;
            if (!seen && isStructure(field)) {
                add(field.getMessageType());
            }
        }
    }

    List<String> requests() {
        return inOrder(requests);
    }

    List<String> answers() {
        return inOrder(answers);
    }

    /** The message of a field that is shown by the fields of its message, and needs no row of its own; else nothing. */
    Optional<String> structure(String name) {
        FieldDescriptor field = requests.containsKey(name) ? requests.get(name) : answers.get(name);
        return Optional.ofNullable(field)
                .filter(ContractFields::isStructure)
                .map(it -> it.getMessageType().getName());
    }

    private static boolean isStructure(FieldDescriptor field) {
        if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || field.isMapField()) {
            return false;
        }
        String type = field.getMessageType().getName();
        return !type.startsWith(OTHER_SYSTEM) && !WRAPPED_NUMBERS.contains(type);
    }

    /** As the contract's file has them, message by message. */
    private static List<String> inOrder(Map<String, FieldDescriptor> fields) {
        return Contract.file().getMessageTypes().stream()
                .flatMap(type -> type.getFields().stream())
                .map(ContractFields::name)
                .filter(fields::containsKey)
                .toList();
    }

    private static String name(FieldDescriptor field) {
        return field.getContainingType().getName() + "." + field.getName();
    }
}
