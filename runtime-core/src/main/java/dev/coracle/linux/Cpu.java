package dev.coracle.linux;

/** Which processor this is, for the few kernel constants that differ. */
final class Cpu {
    static final boolean ARM64 = "aarch64".equals(System.getProperty("os.arch"));

    private Cpu() {}
}
