package dev.coracle.spec;

/** CRI {@code SELinuxOption}; an empty part was not given. */
public record SelinuxLabel(String user, String role, String type, String level) {
    /** That of containers that SELinux is not to confine. */
    private static final String UNCONFINED = "spc_t";

    /** Whether it asks for anything that SELinux has to enforce. */
    public boolean confines() {
        boolean empty = user.isEmpty() && role.isEmpty() && type.isEmpty() && level.isEmpty();
        return !empty && !type.equals(UNCONFINED);
    }
}
