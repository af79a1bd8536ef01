package dev.coracle.spec;

import java.util.List;

/**
 * A seccomp filter as written by people, before it is compiled: the OCI runtime specification's {@code linux.seccomp}, with
 * what depends on capabilities and architecture already decided.
 *
 * @param defaultAction for every call that no rule names
 * @param defaultErrno what {@code ERRNO} answers there, 1 to 4095
 * @param architectures libseccomp's names in lower case ({@code x86_64}, {@code x86}, {@code x32}, {@code aarch64},
 *     {@code arm}), the native one first; calls of any other kill the process
 * @param flags of {@code SECCOMP_SET_MODE_FILTER}: {@code TSYNC}, {@code LOG}, {@code SPEC_ALLOW}
 */
public record SeccompProfile(
        SeccompAction defaultAction,
        int defaultErrno,
        List<String> architectures,
        List<String> flags,
        List<SeccompRule> rules) {
    public SeccompProfile {
        architectures = List.copyOf(architectures);
        flags = List.copyOf(flags);
        rules = List.copyOf(rules);
    }
}
