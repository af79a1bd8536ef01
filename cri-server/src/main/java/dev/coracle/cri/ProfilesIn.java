package dev.coracle.cri;

import dev.coracle.proto.v1.SELinuxOption;
import dev.coracle.spec.SecurityProfile;
import dev.coracle.spec.SelinuxLabel;
import org.jspecify.annotations.Nullable;

/** Reads seccomp, AppArmor and SELinux options. */
final class ProfilesIn {
    private static final String LOCALHOST = "localhost/";

    private ProfilesIn() {}

    static SelinuxLabel selinux(SELinuxOption options) {
        return new SelinuxLabel(options.getUser(), options.getRole(), options.getType(), options.getLevel());
    }

    /**
     * @param given the profile; null when absent, which means none
     * @param old the deprecated field that counts when {@code given} is absent
     * @param at of the message that holds both
     */
    static SecurityProfile seccomp(dev.coracle.proto.v1.@Nullable SecurityProfile given, String old, FieldPath at) {
        return given != null ? profile(given, at.dot("seccomp")) : oldProfile(old, at.dot("seccomp_profile_path"));
    }

    /** As {@link #seccomp}. Clients that filled the old field before the new one was there put its prefix into the new one too. */
    static SecurityProfile apparmor(dev.coracle.proto.v1.@Nullable SecurityProfile given, String old, FieldPath at) {
        if (given == null) {
            return old.isEmpty() ? SecurityProfile.DEFAULT_IF_ANY : oldProfile(old, at.dot("apparmor_profile"));
        }
        SecurityProfile read = profile(given, at.dot("apparmor"));
        return read instanceof SecurityProfile.Localhost(String name) && name.startsWith(LOCALHOST)
                ? new SecurityProfile.Localhost(name.substring(LOCALHOST.length()))
                : read;
    }

    private static SecurityProfile profile(dev.coracle.proto.v1.SecurityProfile profile, FieldPath at) {
        String reference = profile.getLocalhostRef();
        FieldPath referenceAt = at.dot("localhost_ref");
        SecurityProfile read = switch (profile.getProfileType()) {
            case RuntimeDefault -> SecurityProfile.RUNTIME_DEFAULT;
            case Unconfined -> SecurityProfile.UNCONFINED;
            case Localhost -> new SecurityProfile.Localhost(referenceAt.required(reference));
            case UNRECOGNIZED -> throw at.dot("profile_type").invalid("unknown type");
        };
        if (!reference.isEmpty() && !(read instanceof SecurityProfile.Localhost)) {
            throw referenceAt.invalid(
                    "given, while profile_type is " + profile.getProfileType().name());
        }
        return read;
    }

    private static SecurityProfile oldProfile(String profile, FieldPath at) {
        return switch (profile) {
            case "", "unconfined" -> SecurityProfile.UNCONFINED;
            case "runtime/default", "docker/default" -> SecurityProfile.RUNTIME_DEFAULT;
            default -> {
                if (!profile.startsWith(LOCALHOST)) {
                    throw at.invalid("neither runtime/default, unconfined nor localhost/PROFILE: " + at.text(profile));
                }
                yield new SecurityProfile.Localhost(at.required(profile.substring(LOCALHOST.length())));
            }
        };
    }
}
