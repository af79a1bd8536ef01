package dev.coracle.spec;

import java.util.regex.Pattern;

/** CRI {@code SELinuxOption}; an empty part was not given. */
public record SelinuxLabel(String user, String role, String type, String level) {
    /** Nothing given. */
    public static final SelinuxLabel NONE = new SelinuxLabel("", "", "", "");

    /** That of containers that SELinux is not to confine. */
    private static final String UNCONFINED = "spc_t";

    private static final int PARTS = 4;
    private static final Pattern LEVEL = Pattern.compile("s\\d+(:c\\d+([.,]c\\d+)*)?(-s\\d+(:c\\d+([.,]c\\d+)*)?)?");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]*");

    /** Reads what the kernel writes; a policy without levels leaves the last part out. */
    public static SelinuxLabel parse(String text) {
        String[] parts = text.split(":", PARTS);
        if (parts.length < PARTS - 1) {
            throw new IllegalArgumentException(text + " is no SELinux label");
        }
        return new SelinuxLabel(parts[0], parts[1], parts[2], parts.length == PARTS ? parts[PARTS - 1] : "");
    }

    /** As the kernel reads it; empty for {@link #NONE}. */
    public String text() {
        return isEmpty() ? "" : user + ":" + role + ":" + type + (level.isEmpty() ? "" : ":" + level);
    }

    public boolean isEmpty() {
        return equals(NONE);
    }

    /** Whether it asks for anything that SELinux has to enforce. */
    public boolean confines() {
        return !isEmpty() && !type.equals(UNCONFINED);
    }

    /** Whether each part that is given is written as a name or level is. Whether the policy has it only the kernel knows. */
    public boolean isWellFormed() {
        boolean names = NAME.matcher(user + role + type).matches();
        return names && (level.isEmpty() || LEVEL.matcher(level).matches());
    }

    /** Each part that is given, and of others those that are not. */
    public SelinuxLabel over(SelinuxLabel others) {
        return new SelinuxLabel(
                user.isEmpty() ? others.user : user,
                role.isEmpty() ? others.role : role,
                type.isEmpty() ? others.type : type,
                level.isEmpty() ? others.level : level);
    }

    /** The same with another level. */
    public SelinuxLabel at(String otherLevel) {
        return new SelinuxLabel(user, role, type, otherLevel);
    }
}
