package dev.coracle.linux;

import jnr.ffi.annotations.In;

/**
 * The functions of libseccomp (2.5 and later) as jnr-ffi binds them; only {@link SeccompCompiler} calls it. It is public
 * because jnr-ffi puts the class it generates elsewhere. A result below zero is a negated error number.
 */
public interface LibSeccomp {
    long seccomp_init(int defaultAction);

    void seccomp_release(long filter);

    int seccomp_attr_set(long filter, int attribute, int value);

    int seccomp_arch_exist(long filter, int architecture);

    int seccomp_arch_add(long filter, int architecture);

    int seccomp_syscall_resolve_name(@In byte[] name);

    int seccomp_rule_add_array(long filter, int action, int call, int count, @In byte[] comparisons);

    int seccomp_export_bpf(long filter, int fd);
}
