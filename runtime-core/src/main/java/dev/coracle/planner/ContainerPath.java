package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.util.ArrayDeque;
import java.util.Deque;

/** Paths inside a container, as text: what they lead to is for the kernel to say. */
final class ContainerPath {
    private ContainerPath() {}

    /**
     * The same path without empty elements, {@code .} and {@code ..}; a relative one begins at the root.
     *
     * @param field named by the failure
     * @throws InvalidSpec if it is empty, or holds a zero byte
     */
    static String clean(String path, String field) {
        if (path.isEmpty() || path.indexOf('\0') >= 0) {
            throw new InvalidSpec(field, path.isEmpty() ? "is empty" : "holds a zero byte");
        }
        Deque<String> elements = new ArrayDeque<>();
        for (String element : path.split("/", -1)) {
            if (element.equals("..")) {
                elements.pollLast();
            } else if (!element.isEmpty() && !element.equals(".")) {
                elements.addLast(element);
            }
        }
        return "/" + String.join("/", elements);
    }

    /** How many elements a clean path has. */
    static long depth(String path) {
        return path.equals("/") ? 0 : path.chars().filter(c -> c == '/').count();
    }

    /** Whether {@code path} is {@code above} or lies below it. Both clean. */
    static boolean within(String path, String above) {
        return path.equals(above) || path.startsWith(above.equals("/") ? "/" : above + "/");
    }
}
