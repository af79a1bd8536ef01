package dev.coracle.linux;

/**
 * Functions of Intel's ISA-L (soname 2) as jnr-ffi binds them; only {@link IsalInflater} calls it. It is public because jnr-ffi puts
 * the class it generates elsewhere. Addresses are of a {@code struct inflate_state}.
 */
public interface LibIsal {
    void isal_inflate_init(long state);

    int isal_inflate(long state);
}
