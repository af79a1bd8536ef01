package dev.coracle.spec;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A Linux signal. Realtime signals are counted as glibc and musl do: {@code SIGRTMIN} is 34, {@code SIGRTMAX} 64; the two
 * below are the C library's own.
 *
 * @param number 1 to 64
 */
public record Signal(int number) {
    private static final int RTMIN = 34;
    private static final int RTMAX = 64;

    /** By number from 1, for x86_64 and arm64 alike. */
    private static final List<String> NAMES = List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS");

    public static final Signal KILL = new Signal(9);
    public static final Signal TERM = new Signal(15);

    public Signal {
        if (number < 1 || number > RTMAX) {
            throw new IllegalArgumentException("no signal has number " + number);
        }
    }

    /**
     * Reads {@code SIGTERM}, {@code term}, {@code 15}, {@code SIGRTMIN+3}, {@code RTMAX-1} and the like, as images and clients
     * write them.
     *
     * @return empty when no signal is called that
     */
    public static Optional<Signal> of(String text) {
        String name = text.strip().toUpperCase(Locale.ROOT);
        if (name.startsWith("SIG")) {
            name = name.substring(3);
        }
        return numberOf(name).filter(n -> n >= 1 && n <= RTMAX).map(Signal::new);
    }

    private static Optional<Integer> numberOf(String name) {
        int index = NAMES.indexOf(name);
        if (index >= 0) {
            return Optional.of(index + 1);
        }
        return switch (name) {
            case "IOT" -> Optional.of(6);
            case "CLD" -> Optional.of(17);
            case "POLL" -> Optional.of(29);
            case "RTMIN" -> Optional.of(RTMIN);
            case "RTMAX" -> Optional.of(RTMAX);
            default -> computed(name);
        };
    }

    private static Optional<Integer> computed(String name) {
        if (name.startsWith("RTMIN+")) {
            return digits(name.substring(6)).map(n -> RTMIN + n);
        }
        if (name.startsWith("RTMAX-")) {
            return digits(name.substring(6)).map(n -> RTMAX - n).filter(n -> n >= RTMIN);
        }
        return digits(name);
    }

    private static Optional<Integer> digits(String text) {
        boolean plain = !text.isEmpty() && text.length() <= 2 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return plain ? Optional.of(Integer.valueOf(text)) : Optional.empty();
    }

    /** {@code SIGTERM}, {@code SIGRTMIN+3}. */
    public String name() {
        if (number <= NAMES.size()) {
            return "SIG" + NAMES.get(number - 1);
        }
        if (number < RTMIN) {
            return Integer.toString(number);
        }
        return number == RTMIN ? "SIGRTMIN" : "SIGRTMIN+" + (number - RTMIN);
    }
}
