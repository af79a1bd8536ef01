package dev.coracle.linux;

/** The calls on processes. None of them blocks; safe for any thread. */
public final class Processes {
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;

    private static final long SYS_PIDFD_OPEN = 434;
    private static final long SYS_PIDFD_SEND_SIGNAL = 424;

    private Processes() {}

    /**
     * kill(2).
     *
     * @param pid a process, or minus the number of a process group
     * @param signal 1 to 64, or 0 to ask only whether it could be sent
     */
    public static void kill(int pid, int signal) throws SyscallException {
        if (Native.C.kill(pid, signal) < 0) {
            throw new SyscallException("kill", Integer.toString(pid), Native.errno());
        }
    }

    /** pidfd_open(2) (5.3): a descriptor that stands for this process also after its number is used again. */
    public static Fd pidfdOpen(int pid) throws SyscallException {
        long fd = Native.C.syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0);
        if (fd < 0) {
            throw new SyscallException("pidfd_open", Integer.toString(pid), Native.errno());
        }
        return new Fd((int) fd);
    }

    /** pidfd_send_signal(2) (5.1): a signal to exactly the process that was opened. */
    public static void signal(Fd pidfd, int signal) throws SyscallException {
        if (Native.C.syscall(SYS_PIDFD_SEND_SIGNAL, pidfd.number(), signal, 0, 0) < 0) {
            throw new SyscallException("pidfd_send_signal", "", Native.errno());
        }
    }
}
