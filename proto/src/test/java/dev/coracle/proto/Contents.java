package dev.coracle.proto;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodOptions;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * All that a compiled proto file says, as a set of lines: one for each message, field, enum, value, service and method,
 * with everything its descriptor holds. Only the order, the file's name and its options for single languages are left out.
 */
final class Contents {
    private final Set<String> lines = new TreeSet<>();

    private Contents() {}

    static Set<String> of(FileDescriptorProto file) {
        var contents = new Contents();
        contents.add(
                "file",
                file.toBuilder()
                        .clearName()
                        .clearOptions()
                        .clearMessageType()
                        .clearEnumType()
                        .clearService()
                        .clearSourceCodeInfo()
                        .build());
        file.getMessageTypeList().forEach(message -> contents.addMessage("", message));
        file.getEnumTypeList().forEach(type -> contents.addEnum("", type));
        file.getServiceList().forEach(contents::addService);
        return contents.lines;
    }

    /** What one says and the other does not; {@code missing} and {@code extra} are seen from ours. */
    static List<String> differences(FileDescriptorProto ours, FileDescriptorProto contract) {
        Set<String> said = of(ours);
        Set<String> demanded = of(contract);
        Stream<String> missing =
                demanded.stream().filter(line -> !said.contains(line)).map(line -> "missing " + line);
        Stream<String> extra =
                said.stream().filter(line -> !demanded.contains(line)).map(line -> "extra " + line);
        return Stream.concat(missing, extra).toList();
    }

    private void addMessage(String prefix, DescriptorProto message) {
        String name = prefix + message.getName();
        add(
                "message " + name,
                message.toBuilder()
                        .clearName()
                        .clearField()
                        .clearNestedType()
                        .clearEnumType()
                        .build());
        for (FieldDescriptorProto field : message.getFieldList()) {
            add("field " + name + "." + field.getName(), field);
        }
        message.getNestedTypeList().forEach(nested -> addMessage(name + ".", nested));
        message.getEnumTypeList().forEach(nested -> addEnum(name + ".", nested));
    }

    private void addEnum(String prefix, EnumDescriptorProto type) {
        String name = prefix + type.getName();
        add("enum " + name, type.toBuilder().clearName().clearValue().build());
        type.getValueList().forEach(value -> add("value " + name + "." + value.getName(), value));
    }

    private void addService(ServiceDescriptorProto service) {
        String name = service.getName();
        add("service " + name, service.toBuilder().clearName().clearMethod().build());
        service.getMethodList().forEach(method -> add("method " + name + "." + method.getName(), plain(method)));
    }

    /** A method with an empty body has empty options; that says as little as none. */
    private static MethodDescriptorProto plain(MethodDescriptorProto method) {
        boolean empty = method.getOptions().equals(MethodOptions.getDefaultInstance());
        return empty ? method.toBuilder().clearOptions().build() : method;
    }

    private void add(String what, Message descriptor) {
        lines.add(what + ": " + TextFormat.printer().emittingSingleLine(true).printToString(descriptor));
    }
}
