package dev.coracle.linux;

import dev.coracle.failure.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Tells a service manager how this process is, as sd_notify(3) does: one datagram to a UNIX socket. */
public final class ServiceNotice {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = Linux.O_CLOEXEC;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int PATH_BYTES = 108;

    private ServiceNotice() {}

    /**
     * Sends without waiting.
     *
     * @param address what {@code NOTIFY_SOCKET} says: an absolute path, or {@code @} and a name in the abstract namespace
     * @param state lines of {@code KEY=VALUE}, such as {@code READY=1}
     */
    public static void send(String address, String state) throws SyscallException {
        byte[] name = address(address);
        int fd = Native.C.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw new SyscallException("socket", address, Native.errno());
        }
        try (Fd socket = new Fd(fd)) {
            check("connect", address, Native.C.connect(socket.number(), name, name.length));
            byte[] data = state.getBytes(StandardCharsets.UTF_8);
            check("send", address, Native.C.send(socket.number(), data, data.length, MSG_DONTWAIT | MSG_NOSIGNAL));
        }
    }

    private static void check(String call, String address, long result) throws SyscallException {
        if (result < 0) {
            throw new SyscallException(call, address, Native.errno());
        }
    }

    /** A {@code sockaddr_un}, cut to its length: the length tells an abstract name from the zeros behind it. */
    private static byte[] address(String address) throws SyscallException {
        byte[] path = address.getBytes(StandardCharsets.UTF_8);
        if (path.length == 0 || path.length >= PATH_BYTES) {
            throw new SyscallException("connect", address, Errno.ENAMETOOLONG);
        }
        if (path[0] == '@') {
            path[0] = 0;
        }
        return ByteBuffer.allocate(2 + path.length)
                .order(ByteOrder.nativeOrder())
                .putShort((short) AF_UNIX)
                .put(path)
                .array();
    }
}
