package dev.coracle.cri;

import dev.coracle.spec.StreamSpec;
import java.util.List;

/** Reads what a client wants streams for. */
final class StreamIn {
    private static final int PORT_MAX = 65_535;

    private StreamIn() {}

    /** A terminal has one output, and who wants no stream wants nothing. */
    static StreamSpec.Streams streams(boolean stdin, boolean stdout, boolean stderr, boolean tty) {
        if (tty && stderr) {
            throw FieldPath.of("stderr").invalid("cannot be had with tty, where it comes with stdout");
        }
        if (!stdin && !stdout && !stderr) {
            throw FieldPath.of("stdin").invalid("one of stdin, stdout and stderr must be set");
        }
        return new StreamSpec.Streams(stdin, stdout, stderr, tty);
    }

    static List<Integer> ports(List<Integer> ports) {
        FieldPath port = FieldPath.of("port");
        for (int i = 0; i < ports.size(); i++) {
            port.at(i).between(ports.get(i), 1, PORT_MAX);
        }
        return ports;
    }
}
