package dev.coracle.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** What this process has mapped of a file. Any thread. */
public final class MappedFile {
    private static final Path SMAPS = Path.of("/proc/self/smaps");
    private static final String COPIED = "Anonymous:";
    private static final int MADV_DONTNEED = 4;

    private MappedFile() {}

    /**
     * Takes out of the page table what is mapped of those files read-only, as program or not, and was never written to; what is touched
     * again comes back from the page cache, or from the file when the kernel needed the memory meanwhile. madvise(2), MADV_DONTNEED.
     *
     * @return how many bytes of address space it was done to; 0 when nothing of the files is mapped so
     * @throws SyscallException as madvise(2)
     */
    public static long release(Set<Path> files) throws IOException {
        long released = 0;
        String file = "";
        long start = 0;
        long end = 0;
        for (String line : Files.readAllLines(SMAPS)) {
            String[] words = line.split("\\s+", 6);
            if (words.length == 6 && words[0].indexOf('-') > 0) {
                file = words[5];
                int dash = words[0].indexOf('-');
                boolean wanted = words[1].startsWith("r-") && files.contains(Path.of(file));
                start = wanted ? Long.parseUnsignedLong(words[0], 0, dash, 16) : 0;
                end = wanted ? Long.parseUnsignedLong(words[0], dash + 1, words[0].length(), 16) : 0;
            } else if (end > start && words[0].equals(COPIED) && words[1].equals("0")) {
                if (Native.C.madvise(start, end - start, MADV_DONTNEED) != 0) {
                    throw new SyscallException("madvise", file, Native.errno());
                }
                released += end - start;
            }
        }
        return released;
    }
}
