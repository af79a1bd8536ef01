package dev.coracle.store;

import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.IdMapping;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.SecurityProfile;
import dev.coracle.spec.SelinuxLabel;
import dev.coracle.spec.SupplementalGroupsPolicy;
import dev.coracle.spec.UserNamespace;
import dev.coracle.spec.UserRequest;

/** Rights and namespaces as JSON. Each pair of methods names every component of one record. */
final class SecurityJson {
    private SecurityJson() {}

    static void write(JsonSink out, ContainerSecurity security) {
        out.object("capabilities", security.capabilities(), SecurityJson::write)
                .flag("privileged", security.privileged())
                .object("namespaces", security.namespaces(), SecurityJson::write)
                .object("selinux", security.selinux(), SecurityJson::write)
                .object("user", security.user(), SecurityJson::write)
                .flag("readonlyRootfs", security.readonlyRootfs())
                .flag("noNewPrivs", security.noNewPrivs())
                .texts("maskedPaths", security.maskedPaths())
                .texts("readonlyPaths", security.readonlyPaths())
                .object("seccomp", security.seccomp(), SecurityJson::write)
                .object("apparmor", security.apparmor(), SecurityJson::write);
    }

    static ContainerSecurity container(JsonSource in) {
        return new ContainerSecurity(
                in.object("capabilities", SecurityJson::capabilities),
                in.flag("privileged"),
                in.object("namespaces", SecurityJson::namespaces),
                in.optional("selinux", SecurityJson::selinux),
                in.object("user", SecurityJson::user),
                in.flag("readonlyRootfs"),
                in.flag("noNewPrivs"),
                in.texts("maskedPaths"),
                in.texts("readonlyPaths"),
                in.object("seccomp", SecurityJson::profile),
                in.object("apparmor", SecurityJson::profile));
    }

    private static void write(JsonSink out, CapabilityRequest request) {
        out.texts("add", request.add()).texts("drop", request.drop()).texts("addAmbient", request.addAmbient());
    }

    private static CapabilityRequest capabilities(JsonSource in) {
        return new CapabilityRequest(in.texts("add"), in.texts("drop"), in.texts("addAmbient"));
    }

    static void write(JsonSink out, NamespaceModes modes) {
        out.word("network", modes.network())
                .word("pid", modes.pid())
                .word("ipc", modes.ipc())
                .text("target", modes.target())
                .object("user", modes.user(), SecurityJson::write);
    }

    static NamespaceModes namespaces(JsonSource in) {
        return new NamespaceModes(
                in.word("network", NamespaceMode.class),
                in.word("pid", NamespaceMode.class),
                in.word("ipc", NamespaceMode.class),
                in.optionalText("target"),
                in.optional("user", SecurityJson::userNamespace));
    }

    private static void write(JsonSink out, UserNamespace namespace) {
        out.each("uids", namespace.uids(), SecurityJson::write).each("gids", namespace.gids(), SecurityJson::write);
    }

    private static UserNamespace userNamespace(JsonSource in) {
        return new UserNamespace(in.each("uids", SecurityJson::idMapping), in.each("gids", SecurityJson::idMapping));
    }

    static void write(JsonSink out, IdMapping mapping) {
        out.number("containerId", mapping.containerId())
                .number("hostId", mapping.hostId())
                .number("length", mapping.length());
    }

    static IdMapping idMapping(JsonSource in) {
        return new IdMapping(in.number("containerId"), in.number("hostId"), in.number("length"));
    }

    static void write(JsonSink out, SelinuxLabel label) {
        out.text("user", label.user())
                .text("role", label.role())
                .text("type", label.type())
                .text("level", label.level());
    }

    static SelinuxLabel selinux(JsonSource in) {
        return new SelinuxLabel(in.text("user"), in.text("role"), in.text("type"), in.text("level"));
    }

    static void write(JsonSink out, UserRequest user) {
        out.number("uid", user.uid())
                .number("gid", user.gid())
                .text("username", user.username())
                .numbers("supplementalGroups", user.supplementalGroups())
                .word("policy", user.policy());
    }

    static UserRequest user(JsonSource in) {
        return new UserRequest(
                in.optionalNumber("uid"),
                in.optionalNumber("gid"),
                in.text("username"),
                in.numbers("supplementalGroups"),
                in.word("policy", SupplementalGroupsPolicy.class));
    }

    static void write(JsonSink out, SecurityProfile profile) {
        switch (profile) {
            case SecurityProfile.RuntimeDefault runtimeDefault -> out.is(runtimeDefault);
            case SecurityProfile.Unconfined unconfined -> out.is(unconfined);
            case SecurityProfile.DefaultIfAny defaultIfAny -> out.is(defaultIfAny);
            case SecurityProfile.Localhost localhost -> out.is(localhost).text("reference", localhost.reference());
        }
    }

    static SecurityProfile profile(JsonSource in) {
        return switch (in.is()) {
            case "RuntimeDefault" -> SecurityProfile.RUNTIME_DEFAULT;
            case "Unconfined" -> SecurityProfile.UNCONFINED;
            case "DefaultIfAny" -> SecurityProfile.DEFAULT_IF_ANY;
            case "Localhost" -> new SecurityProfile.Localhost(in.text("reference"));
            default -> throw in.unknownCase();
        };
    }
}
