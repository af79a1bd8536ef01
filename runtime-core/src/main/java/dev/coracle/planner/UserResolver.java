package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.SupplementalGroupsPolicy;
import dev.coracle.spec.UserRequest;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Decides as whom a container runs: an explicit uid, else a name, else the image's own {@code USER}; what is missing comes
 * from the image's {@code /etc/passwd} and {@code /etc/group} as they are mounted.
 */
public final class UserResolver {
    private static final long MAX_ID = 0xffff_fffeL;
    private static final String FIELD = "linux.security_context.";

    private final UserRequest request;
    private final AccountFiles files;

    private UserResolver(UserRequest request, AccountFiles files) {
        this.request = request;
        this.files = files;
    }

    /**
     * Decides.
     *
     * @param imageUser {@code USER} of the image: empty, {@code name}, {@code uid}, or either with {@code :group}
     * @throws InvalidSpec if a name is in neither file, a number is out of range, or a group is given without a user
     */
    public static ResolvedUser resolve(UserRequest request, String imageUser, AccountFiles files) {
        return new UserResolver(request, files).resolve(imageUser);
    }

    private ResolvedUser resolve(String imageUser) {
        if (request.gid() != null && request.uid() == null && request.username().isEmpty()) {
            throw new InvalidSpec(FIELD + "run_as_group", "a group needs run_as_user or run_as_username beside it");
        }
        if (request.uid() != null) {
            long uid = checked(request.uid(), FIELD + "run_as_user");
            return finish(byUid(uid), Optional.empty(), FIELD + "run_as_user");
        }
        boolean named = !request.username().isEmpty();
        String field = named ? FIELD + "run_as_username" : "image.user";
        String[] parts = (named ? request.username() : imageUser).split(":", 2);
        Optional<String> group = parts.length == 2 && !parts[1].isEmpty() ? Optional.of(parts[1]) : Optional.empty();
        return finish(parts[0].isEmpty() ? byUid(0) : byName(parts[0], field), group, field);
    }

    private ResolvedUser finish(AccountFiles.User user, Optional<String> group, String field) {
        long gid = user.gid();
        if (request.gid() != null) {
            gid = checked(request.gid(), FIELD + "run_as_group");
        } else if (group.isPresent()) {
            gid = groupId(group.get(), field);
        }
        return new ResolvedUser(user.uid(), gid, groups(user, gid), user.home());
    }

    /** The primary group is among them, as users of {@code SupplementalGroupsPolicy} expect to see it in the status. */
    private List<Long> groups(AccountFiles.User user, long gid) {
        TreeSet<Long> groups = new TreeSet<>();
        groups.add(gid);
        for (long extra : request.supplementalGroups()) {
            groups.add(checked(extra, FIELD + "supplemental_groups"));
        }
        if (request.policy() == SupplementalGroupsPolicy.MERGE) {
            groups.addAll(files.groupsOf(user.name()));
        }
        return List.copyOf(groups);
    }

    /** A number always means the id, even where the file has a user whose name is that number. */
    private AccountFiles.User byName(String text, String field) {
        Optional<Long> number = number(text);
        if (number.isPresent()) {
            return byUid(checked(number.get(), field));
        }
        return files.user(text)
                .orElseThrow(() -> new InvalidSpec(field, "user " + text + " is not in the image's /etc/passwd"));
    }

    private AccountFiles.User byUid(long uid) {
        return files.user(uid).orElse(new AccountFiles.User("", uid, 0, "/"));
    }

    private long groupId(String text, String field) {
        Optional<Long> number = number(text);
        if (number.isPresent()) {
            return checked(number.get(), field);
        }
        return files.group(text)
                .orElseThrow(() -> new InvalidSpec(field, "group " + text + " is not in the image's /etc/group"));
    }

    private static Optional<Long> number(String text) {
        boolean digits = text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }

    private static long checked(long id, String field) {
        if (id < 0 || id > MAX_ID) {
            throw new InvalidSpec(field, "id " + id + " is not between 0 and " + MAX_ID);
        }
        return id;
    }
}
