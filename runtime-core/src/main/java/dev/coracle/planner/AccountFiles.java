package dev.coracle.planner;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * {@code /etc/passwd} and {@code /etc/group} of an image. They are the image's own words and nothing here trusts them: a line
 * that does not parse is passed over, of several for one name the first counts.
 */
public final class AccountFiles {
    /**
     * A line of passwd.
     *
     * @param name empty for a user that the file does not know
     * @param home {@code /} when the line has none
     */
    record User(String name, long uid, long gid, String home) {}

    private record Group(String name, long gid, List<String> members) {}

    public static final AccountFiles NONE = of(new byte[0], new byte[0]);

    private final List<User> users;
    private final List<Group> groups;

    private AccountFiles(List<User> users, List<Group> groups) {
        this.users = users;
        this.groups = groups;
    }

    /** Takes the contents; an empty array for a file that the image lacks. */
    public static AccountFiles of(byte[] passwd, byte[] group) {
        List<User> users = new ArrayList<>();
        for (String[] fields : lines(passwd)) {
            Optional<Long> uid = id(fields, 2);
            Optional<Long> gid = id(fields, 3);
            if (uid.isPresent() && gid.isPresent()) {
                String home = fields.length > 5 && !fields[5].isEmpty() ? fields[5] : "/";
                users.add(new User(fields[0], uid.get(), gid.get(), home));
            }
        }
        List<Group> groups = new ArrayList<>();
        for (String[] fields : lines(group)) {
            List<String> members = fields.length > 3 ? Arrays.asList(fields[3].split(",", -1)) : List.of();
            id(fields, 2).ifPresent(gid -> groups.add(new Group(fields[0], gid, members)));
        }
        return new AccountFiles(users, groups);
    }

    /** Only a line feed ends a line: a carriage return within stays where it is, and is seen by whoever checks. */
    private static List<String[]> lines(byte[] file) {
        return Arrays.stream(new String(file, StandardCharsets.UTF_8).split("\n", -1))
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.split(":", -1))
                .filter(fields -> !fields[0].isEmpty())
                .toList();
    }

    private static Optional<Long> id(String[] fields, int index) {
        if (fields.length <= index || !fields[index].matches("\\d{1,10}")) {
            return Optional.empty();
        }
        return Optional.of(Long.valueOf(fields[index]));
    }

    Optional<User> user(String name) {
        return users.stream().filter(user -> user.name().equals(name)).findFirst();
    }

    Optional<User> user(long uid) {
        return users.stream().filter(user -> user.uid() == uid).findFirst();
    }

    Optional<Long> group(String name) {
        return groups.stream()
                .filter(group -> group.name().equals(name))
                .map(Group::gid)
                .findFirst();
    }

    /** Ids of the groups that list {@code name} among their members; none for an empty name. */
    List<Long> groupsOf(String name) {
        if (name.isEmpty()) {
            return List.of();
        }
        return groups.stream()
                .filter(group -> group.members().contains(name))
                .map(Group::gid)
                .toList();
    }
}
