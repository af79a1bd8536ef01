package dev.coracle.planner;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The first two numbers of {@code uname -r}; all that features are told by where nothing can be probed. */
public record KernelRelease(int major, int minor) {
    private static final Pattern FORM = Pattern.compile("(\\d+)\\.(\\d+).*");

    /**
     * Reads such as {@code 6.1.0-32-cloud-amd64}.
     *
     * @throws IllegalArgumentException if it does not begin with two numbers
     */
    public static KernelRelease parse(String release) {
        Matcher matcher = FORM.matcher(release.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a kernel release: " + release);
        }
        return new KernelRelease(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    public boolean atLeast(int wantedMajor, int wantedMinor) {
        return major != wantedMajor ? major > wantedMajor : minor >= wantedMinor;
    }
}
