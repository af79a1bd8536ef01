package dev.coracle.stats;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Names of block devices by their numbers. Free of state. */
public final class BlockDevices {
    private static final Path NUMBERS = Path.of("/sys/dev/block");

    private BlockDevices() {}

    /** {@code /dev/sda} for {@code 8:0}; empty for one that is gone. */
    public static String name(String numbers) {
        try {
            return "/dev/" + Files.readSymbolicLink(NUMBERS.resolve(numbers)).getFileName();
        } catch (IOException e) {
            return "";
        }
    }
}
