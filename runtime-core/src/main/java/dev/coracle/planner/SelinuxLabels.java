package dev.coracle.planner;

import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.PodId;
import dev.coracle.spec.SandboxSecurity;
import dev.coracle.spec.SelinuxLabel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What SELinux is to tell a container by. Two containers reach each other's files and processes where they have the same
 * categories: so those of a pod do, and no others.
 *
 * @param process of its programs; {@link SelinuxLabel#NONE} leaves it to the policy what they become
 * @param files of its root and of what is mounted for it alone; {@link SelinuxLabel#NONE} where there is no SELinux
 */
public record SelinuxLabels(SelinuxLabel process, SelinuxLabel files) {
    private static final SelinuxLabels NONE = new SelinuxLabels(SelinuxLabel.NONE, SelinuxLabel.NONE);

    private static final int CATEGORIES = 1024;
    private static final int DIGITS = 8;
    private static final int HEX = 16;

    /** A pod's own: what its containers have that ask for nothing. */
    public static SelinuxLabels of(PodPlace pod, Host host) {
        SelinuxPolicy policy = host.selinux();
        if (!policy.labels()) {
            return NONE;
        }
        SelinuxLabel usual = policy.process().level().isEmpty()
                ? policy.process()
                : policy.process().at(sensitivity(policy) + ":" + categories(pod.id()));
        return withFiles(orNone(pod.spec().security().selinux()).over(usual), policy);
    }

    /**
     * A container's. What it does not ask for is as its pod's. A privileged one is not confined, and neither is who is to see the
     * host's processes or their shared memory and asks for no label.
     */
    public static SelinuxLabels of(ContainerOrder order, Host host) {
        SelinuxLabels pod = of(order.pod(), host);
        if (pod.equals(NONE)) {
            return NONE;
        }
        SelinuxLabel asked = orNone(order.spec().security().selinux());
        SelinuxLabels all = withFiles(asked.over(pod.process()), host.selinux());
        return isFree(order, asked) ? new SelinuxLabels(SelinuxLabel.NONE, all.files()) : all;
    }

    /** That of the first process of a pid namespace that the pod's containers share: theirs, where those that ask for nothing are confined. */
    static SelinuxLabel ofInit(PodPlace pod, Host host) {
        SandboxSecurity security = pod.spec().security();
        boolean asks = !orNone(security.selinux()).isEmpty();
        boolean free = security.privileged() || (security.namespaces().hostIpc() && !asks);
        return free ? SelinuxLabel.NONE : of(pod, host).process();
    }

    /** Whether there is anything that SELinux keeps the container from. */
    public boolean confines() {
        return process.confines();
    }

    private static boolean isFree(ContainerOrder order, SelinuxLabel asked) {
        boolean asks = !asked.isEmpty()
                || !orNone(order.pod().spec().security().selinux()).isEmpty();
        boolean hosts = NamespaceRules.pid(order) == NamespaceMode.NODE
                || order.pod().spec().security().namespaces().hostIpc();
        return order.spec().security().privileged() || (hosts && !asks);
    }

    private static SelinuxLabels withFiles(SelinuxLabel process, SelinuxPolicy policy) {
        SelinuxLabel files = policy.files();
        return new SelinuxLabels(
                process, new SelinuxLabel(process.user(), files.role(), files.type(), process.level()));
    }

    private static SelinuxLabel orNone(@Nullable SelinuxLabel label) {
        return label == null ? SelinuxLabel.NONE : label;
    }

    private static String sensitivity(SelinuxPolicy policy) {
        return policy.process().level().split("[-:]", 2)[0];
    }

    /**
     * Two categories of 1,024, the lesser first: what tells a pod from others. They are read from its id, so that they need not be kept;
     * whoever makes an id sees to it that no other pod's comes to the same.
     */
    public static String categories(PodId pod) {
        int first = category(pod, 0);
        int second = category(pod, DIGITS);
        if (first == second) {
            second = (first + 1) % CATEGORIES;
        }
        return "c" + Math.min(first, second) + ",c" + Math.max(first, second);
    }

    private static int category(PodId pod, int from) {
        return Integer.parseUnsignedInt(pod.value().substring(from, from + DIGITS), HEX) & (CATEGORIES - 1);
    }

    /** The parameter that a file system is made with whose files all are to have that label. */
    List<String> with(List<String> parameters) {
        if (files.isEmpty()) {
            return parameters;
        }
        List<String> all = new ArrayList<>(parameters);
        all.add("context=" + files.text());
        return all;
    }

    /** The same at the end of what mount(2) takes, where a comma ends an option that is not in quotes. */
    String option() {
        return files.isEmpty() ? "" : ",context=\"" + files.text() + "\"";
    }
}
