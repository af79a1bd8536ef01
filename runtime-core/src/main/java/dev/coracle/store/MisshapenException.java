package dev.coracle.store;

/** JSON that is not what was expected, and where. Never leaves this package. */
@SuppressWarnings("serial") // never leaves this process
final class MisshapenException extends RuntimeException {
    MisshapenException(String place, String reason) {
        super(place + ": " + reason);
    }
}
