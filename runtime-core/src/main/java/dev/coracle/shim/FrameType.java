package dev.coracle.shim;

/** The kinds of frames, by number: docs/shim-protocol.md. */
final class FrameType {
    static final int HELLO = 1;
    static final int EXEC = 2;
    static final int ATTACH = 3;

    static final int EXECUTE = 16;
    static final int KILL_PLAN = 17;
    static final int SIGNAL = 18;
    static final int REOPEN = 19;
    static final int RESIZE = 20;
    static final int CLOSE_STDIN = 21;
    static final int ACK = 22;
    static final int QUIT = 23;

    static final int STDIN = 32;
    static final int STDIN_CLOSE = 33;
    static final int WINDOW = 34;
    static final int KILL = 35;

    static final int HELLO_UP = 64;
    static final int RUNNING = 65;
    static final int PLAN = 66;
    static final int EXITED = 67;
    static final int SYNCED = 68;
    static final int DONE = 69;
    static final int FAILED = 70;
    static final int STUCK = 71;
    static final int ANSWER = 72;

    static final int STDOUT = 96;
    static final int STDERR = 97;
    static final int EXIT = 98;

    private FrameType() {}
}
