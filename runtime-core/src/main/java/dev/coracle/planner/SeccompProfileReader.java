package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.SeccompAction;
import dev.coracle.spec.SeccompArg;
import dev.coracle.spec.SeccompArg.Operator;
import dev.coracle.spec.SeccompProfile;
import dev.coracle.spec.SeccompRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a node's own seccomp profile: JSON of the OCI runtime specification, with the conditions on capabilities, architecture
 * and kernel that Docker and containers-common add to rules. Keys it does not know are passed over, as those programs do.
 */
public final class SeccompProfileReader {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int EPERM = 1;
    private static final int MAX_ERRNO = 4095;

    private final String field;
    private final CapabilitySet capabilities;
    private final Host host;

    private SeccompAction defaultAction = SeccompAction.KILL_THREAD;
    private boolean sawDefault;
    private int defaultErrno = EPERM;
    private final List<String> architectures = new ArrayList<>();
    private final List<String> flags = new ArrayList<>();
    private final List<SeccompRule> rules = new ArrayList<>();

    private SeccompProfileReader(String field, CapabilitySet capabilities, Host host) {
        this.field = field;
        this.capabilities = capabilities;
        this.host = host;
    }

    /**
     * Reads a whole file for a container with these capabilities in its bounding set.
     *
     * @param field named by the failure
     * @throws InvalidSpec if it is no JSON, has no {@code defaultAction}, or a word in it is not known
     */
    public static SeccompProfile read(String json, CapabilitySet capabilities, Host host, String field) {
        SeccompProfileReader reader = new SeccompProfileReader(field, capabilities, host);
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new InvalidSpec(field, "the profile is not a JSON object");
            }
            reader.profile(parser);
        } catch (JacksonException malformed) {
            throw new InvalidSpec(field, "the profile is not JSON: " + malformed.getOriginalMessage());
        }
        return reader.build();
    }

    private SeccompProfile build() {
        if (!sawDefault) {
            throw new InvalidSpec(field, "the profile has no defaultAction");
        }
        List<String> all = new ArrayList<>(host.architecture().seccompNames().subList(0, 1));
        architectures.stream().filter(name -> !all.contains(name)).forEach(all::add);
        return new SeccompProfile(defaultAction, defaultErrno, all, flags, rules);
    }

    private void profile(JsonParser in) {
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String key = in.currentName();
            in.nextToken();
            switch (key) {
                case "defaultAction" -> {
                    defaultAction = action(in.getString());
                    sawDefault = true;
                }
                case "defaultErrnoRet" -> defaultErrno = errno(in);
                case "architectures" -> strings(in).forEach(this::addArchitecture);
                case "archMap" -> archMap(in);
                case "flags" ->
                    flags.addAll(
                            strings(in).stream().map(SeccompProfileReader::flag).toList());
                case "syscalls" -> objects(in, () -> rule(in));
                case "listenerPath", "listenerMetadata" -> refuseListener(in);
                default -> in.skipChildren();
            }
        }
    }

    private void refuseListener(JsonParser in) {
        if (!in.getString().isEmpty()) {
            throw new InvalidSpec(field, "a profile with a listener is not supported");
        }
    }

    /** Docker's form: native architecture and those that go with it. Only the entry of this machine counts. */
    private void archMap(JsonParser in) {
        objects(in, () -> {
            List<String> entry = new ArrayList<>();
            while (in.nextToken() != JsonToken.END_OBJECT) {
                boolean list = in.nextToken() == JsonToken.START_ARRAY;
                entry.addAll(list ? strings(in) : List.of(in.getString()));
            }
            if (!entry.isEmpty() && archName(entry.getFirst()).equals(nativeName())) {
                entry.forEach(this::addArchitecture);
            }
        });
    }

    private String nativeName() {
        return host.architecture().seccompNames().getFirst();
    }

    /** Those of other machines are passed over: profiles list them all. */
    private void addArchitecture(String text) {
        String name = archName(text);
        if (host.architecture().seccompNames().contains(name)) {
            architectures.add(name);
        }
    }

    private static String archName(String text) {
        return text.replaceFirst("^SCMP_ARCH_", "").toLowerCase(Locale.ROOT);
    }

    private static String flag(String text) {
        return text.replaceFirst("^SECCOMP_FILTER_FLAG_", "");
    }

    private void rule(JsonParser in) {
        SeccompRuleDraft draft = new SeccompRuleDraft();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String key = in.currentName();
            in.nextToken();
            switch (key) {
                case "name" -> draft.names.add(in.getString());
                case "names" -> draft.names.addAll(strings(in));
                case "action" -> draft.action = action(in.getString());
                case "errnoRet" -> draft.errno = errno(in);
                case "errno" -> draft.errnoName(in.getString());
                case "args" -> objects(in, () -> draft.args.add(arg(in)));
                case "includes" -> draft.includes = condition(in);
                case "excludes" -> draft.excludes = condition(in);
                default -> in.skipChildren();
            }
        }
        draft.finish(field).filter(rule -> draft.applies(capabilities, host)).ifPresent(rules::add);
    }

    private SeccompArg arg(JsonParser in) {
        long index = 0;
        long value = 0;
        long valueTwo = 0;
        String operator = "";
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String key = in.currentName();
            in.nextToken();
            switch (key) {
                case "index" -> index = in.getLongValue();
                case "value" -> value = unsigned(in);
                case "valueTwo" -> valueTwo = unsigned(in);
                case "op" -> operator = in.getString();
                default -> in.skipChildren();
            }
        }
        if (index < 0 || index > 5) {
            throw new InvalidSpec(field, "a system call has no argument " + index);
        }
        return new SeccompArg((int) index, value, valueTwo, operator(operator));
    }

    private static long unsigned(JsonParser in) {
        return in.getBigIntegerValue().longValue();
    }

    private SeccompRuleDraft.Condition condition(JsonParser in) {
        SeccompRuleDraft.Condition condition = new SeccompRuleDraft.Condition();
        if (in.currentToken() != JsonToken.START_OBJECT) {
            return condition;
        }
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String key = in.currentName();
            in.nextToken();
            switch (key) {
                case "caps" -> condition.capabilities.addAll(strings(in));
                case "arches" -> condition.architectures.addAll(strings(in));
                case "minKernel" -> condition.minKernel = kernel(in.getString());
                default -> in.skipChildren();
            }
        }
        return condition;
    }

    private @Nullable KernelRelease kernel(@Nullable String text) {
        try {
            return text == null || text.isEmpty() ? null : KernelRelease.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new InvalidSpec(field, "minKernel " + text + " is not a kernel release");
        }
    }

    private int errno(JsonParser in) {
        int errno = in.currentToken() == JsonToken.VALUE_NULL ? EPERM : in.getIntValue();
        if (errno < 0 || errno > MAX_ERRNO) {
            throw new InvalidSpec(field, "errno " + errno + " is not between 0 and " + MAX_ERRNO);
        }
        return errno;
    }

    private SeccompAction action(String text) {
        return switch (text) {
            case "SCMP_ACT_ALLOW" -> SeccompAction.ALLOW;
            case "SCMP_ACT_ERRNO" -> SeccompAction.ERRNO;
            case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> SeccompAction.KILL_THREAD;
            case "SCMP_ACT_KILL_PROCESS" -> SeccompAction.KILL_PROCESS;
            case "SCMP_ACT_TRAP" -> SeccompAction.TRAP;
            case "SCMP_ACT_TRACE" -> SeccompAction.TRACE;
            case "SCMP_ACT_LOG" -> SeccompAction.LOG;
            case "SCMP_ACT_NOTIFY" -> SeccompAction.NOTIFY;
            default -> throw new InvalidSpec(field, "no seccomp action is called " + text);
        };
    }

    private Operator operator(String text) {
        return switch (text) {
            case "SCMP_CMP_NE" -> Operator.NOT_EQUAL;
            case "SCMP_CMP_LT" -> Operator.LESS_THAN;
            case "SCMP_CMP_LE" -> Operator.LESS_OR_EQUAL;
            case "SCMP_CMP_EQ" -> Operator.EQUAL;
            case "SCMP_CMP_GE" -> Operator.GREATER_OR_EQUAL;
            case "SCMP_CMP_GT" -> Operator.GREATER_THAN;
            case "SCMP_CMP_MASKED_EQ" -> Operator.MASKED_EQUAL;
            default -> throw new InvalidSpec(field, "no seccomp comparison is called " + text);
        };
    }

    private void objects(JsonParser in, Runnable each) {
        elements(in, () -> {
            if (in.currentToken() != JsonToken.START_OBJECT) {
                throw new InvalidSpec(field, "the profile has " + in.currentToken() + " where an object belongs");
            }
            each.run();
        });
    }

    /** For each element of the array at hand; {@code null} counts as an empty one. */
    private static void elements(JsonParser in, Runnable each) {
        if (in.currentToken() != JsonToken.START_ARRAY) {
            return;
        }
        while (in.nextToken() != JsonToken.END_ARRAY) {
            each.run();
        }
    }

    private static List<String> strings(JsonParser in) {
        List<String> all = new ArrayList<>();
        elements(in, () -> Optional.ofNullable(in.getString()).ifPresent(all::add));
        return all;
    }
}
