package dev.coracle.cri;

import dev.coracle.spec.Signal;
import org.jspecify.annotations.Nullable;

/** Between the contract's {@code Signal}, an enumeration of names, and the kernel's numbers. */
final class SignalNames {
    private static final String PREFIX = "SIGNAL_";

    private SignalNames() {}

    /** Null for the runtime's default. */
    static @Nullable Signal read(dev.coracle.proto.v1.Signal signal, FieldPath at) {
        if (signal == dev.coracle.proto.v1.Signal.SIGNAL_RUNTIME_DEFAULT) {
            return null;
        }
        if (signal == dev.coracle.proto.v1.Signal.UNRECOGNIZED) {
            throw at.invalid("unknown signal");
        }
        return Signal.of(kernelName(signal)).orElseThrow(() -> at.invalid("unknown signal: " + signal.name()));
    }

    /** {@code SIGNAL_RUNTIME_DEFAULT} for a number that the contract has no name for, as 32 and 33. */
    static dev.coracle.proto.v1.Signal write(Signal signal) {
        for (dev.coracle.proto.v1.Signal candidate : dev.coracle.proto.v1.Signal.values()) {
            if (candidate != dev.coracle.proto.v1.Signal.SIGNAL_RUNTIME_DEFAULT
                    && candidate != dev.coracle.proto.v1.Signal.UNRECOGNIZED
                    && Signal.of(kernelName(candidate)).filter(signal::equals).isPresent()) {
                return candidate;
            }
        }
        return dev.coracle.proto.v1.Signal.SIGNAL_RUNTIME_DEFAULT;
    }

    /** {@code SIGNAL_SIGRTMINPLUS3} is {@code SIGRTMIN+3}. */
    private static String kernelName(dev.coracle.proto.v1.Signal signal) {
        return signal.name().substring(PREFIX.length()).replace("PLUS", "+").replace("MINUS", "-");
    }
}
